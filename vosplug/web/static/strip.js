// A row per object and a column per frame: scores, and what was decided.

import { colour, css } from './masks.js';

const ROW = 12;
const GAP = 3;
const MARK = 6; // width of an object's own colour at the left

/** Colour of a score in [0, 1]: red, yellow, green. */
export function scoreColour(score) {
  const at = Math.max(0, Math.min(1, (score - 0.5) / 0.5));
  return `hsl(${Math.round(at * 140)} 62% 52%)`;
}

function stateColour([score, kind, by, box]) {
  if (kind === 'bad') return '#8b8f98';
  if (kind) return by === 'tracker' ? '#8b5cf6' : '#3b82f6';
  if (!box || score === null) return null;
  return scoreColour(score);
}

export class Strip {
  constructor(canvas) {
    this.canvas = canvas;
    this.onpick = () => {};
    let down = false;
    canvas.addEventListener('pointerdown', (event) => {
      down = true;
      canvas.setPointerCapture(event.pointerId);
      this.row = Math.floor(event.offsetY / (ROW + GAP));
      this.pick(event);
    });
    canvas.addEventListener('pointermove', (event) => down && this.pick(event));
    canvas.addEventListener('pointerup', () => { down = false; });
    new ResizeObserver(() => this.video && this.draw()).observe(canvas.parentElement);
  }

  pick(event) {
    if (!this.video) return;
    const wide = this.canvas.clientWidth - MARK - GAP;
    const frame = Math.floor(((event.offsetX - MARK - GAP) / wide) * this.video.frames.length);
    const object = this.video.objects[Math.min(this.row, this.video.objects.length - 1)];
    if (object) this.onpick(Math.max(0, Math.min(frame, this.video.frames.length - 1)), object.id);
  }

  show(video, chosen, t) {
    Object.assign(this, { video, chosen, t });
    this.draw();
  }

  draw() {
    const { canvas, video } = this;
    const ratio = window.devicePixelRatio || 1;
    const wide = canvas.parentElement.clientWidth;
    const high = video.objects.length * (ROW + GAP);
    canvas.width = wide * ratio;
    canvas.height = high * ratio;
    canvas.style.height = `${high}px`;
    const context = canvas.getContext('2d');
    context.scale(ratio, ratio);
    const style = getComputedStyle(canvas);
    const left = MARK + GAP;
    const step = (wide - left) / video.frames.length;
    video.objects.forEach((object, row) => {
      const top = row * (ROW + GAP);
      context.globalAlpha = 1;
      context.fillStyle = css(colour(row));
      context.fillRect(0, top, MARK, ROW);
      context.globalAlpha = 0.14;
      context.fillStyle = style.color;
      context.fillRect(left, top, wide - left, ROW);
      context.globalAlpha = object.id === this.chosen ? 1 : 0.45;
      object.states.forEach((state, frame) => {
        const fill = stateColour(state);
        if (!fill) return;
        context.fillStyle = fill;
        context.fillRect(left + frame * step, top, Math.max(1, step - (step > 4 ? 1 : 0)), ROW);
      });
    });
    context.globalAlpha = 1;
    context.fillStyle = style.color;
    context.fillRect(left + (this.t + 0.5) * step - 1, 0, 2, high);
  }
}
