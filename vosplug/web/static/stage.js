// The frame with its masks, which can be zoomed, moved and drawn on.

import { colour, css, paintMask, rasterise } from './masks.js';

const MOST_ZOOM = 16;
const CLOSE = 12; // screen pixels to the first point, which closes a polygon

/**
 * Fires `box` ([x1, y1, x2, y2]), `polygon` (a mask of 0 and 1), `stroke` (a mask of 0 and 1, before it is added
 * or removed) and `pick` ([x, y]) with `detail`, all in the frame's pixels.
 */
export class Stage extends EventTarget {
  constructor(canvas) {
    super();
    this.canvas = canvas;
    this.context = canvas.getContext('2d');
    this.size = [1, 1];
    this.image = null;
    this.ids = null;
    this.layers = null;
    this.boxes = []; // [[x1, y1, x2, y2], number of colour, is chosen]
    this.place = () => 0;
    this.chosen = 0;
    this.tool = 'move';
    this.drawable = true;
    this.brush = 12;
    this.opacity = 0.5;
    this.overlay = true;
    this.zoom = 1;
    this.centre = [0.5, 0.5];
    this.points = []; // of the box, polygon or stroke that is being drawn
    this.pointer = null;
    this.fingers = new Map();
    new ResizeObserver(() => this.draw()).observe(canvas);
    for (const kind of ['pointerdown', 'pointermove', 'pointerup', 'pointercancel', 'pointerleave']) {
      canvas.addEventListener(kind, (event) => this[kind](event));
    }
    canvas.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
    canvas.addEventListener('dblclick', () => this.tool === 'polygon' && this.closePolygon());
  }

  // what is shown

  setVideo(width, height) {
    this.size = [width, height];
    this.fit();
  }

  setFrame(image, ids, boxes) {
    this.image = image;
    this.ids = ids;
    this.boxes = boxes;
    this.repaint();
  }

  repaint() {
    this.layers = this.ids && paintMask(this.ids, ...this.size, this.place, this.chosen);
    this.draw();
  }

  setTool(tool) {
    this.tool = tool;
    this.points = [];
    this.canvas.dataset.tool = tool;
    this.draw();
  }

  /** Scale, left and top of the frame on the canvas, in its own pixels. */
  view() {
    const [width, height] = this.size;
    const scale = Math.min(this.canvas.width / width, this.canvas.height / height) * this.zoom;
    return [
      scale,
      this.canvas.width / 2 - this.centre[0] * width * scale,
      this.canvas.height / 2 - this.centre[1] * height * scale,
    ];
  }

  fit() {
    this.zoom = 1;
    this.centre = [0.5, 0.5];
    this.draw();
  }

  zoomBy(factor, at = [this.canvas.width / 2, this.canvas.height / 2]) {
    const before = this.toFrame(at);
    this.zoom = Math.min(MOST_ZOOM, Math.max(1, this.zoom * factor));
    const after = this.toFrame(at);
    this.moveBy(before[0] - after[0], before[1] - after[1]);
  }

  moveBy(dx, dy) {
    const half = 0.5 / this.zoom;
    const keep = (c) => Math.min(1 - half, Math.max(half, c));
    this.centre = [keep(this.centre[0] + dx / this.size[0]), keep(this.centre[1] + dy / this.size[1])];
    this.draw();
  }

  toFrame([x, y]) {
    const [scale, left, top] = this.view();
    return [(x - left) / scale, (y - top) / scale];
  }

  draw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.drawNow();
    });
  }

  drawNow() {
    const { canvas, context } = this;
    const ratio = window.devicePixelRatio || 1;
    const [wide, high] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
    const [scale, left, top] = this.view();
    const [width, height] = this.size;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, wide, high);
    if (!this.image) return;
    context.setTransform(scale, 0, 0, scale, left, top);
    context.imageSmoothingEnabled = scale < 3;
    context.drawImage(this.image, 0, 0, width, height);
    if (this.overlay && this.layers) {
      context.globalAlpha = this.opacity;
      context.drawImage(this.layers[0], 0, 0);
      context.globalAlpha = 1;
      context.drawImage(this.layers[1], 0, 0);
    }
    const pixel = ratio / scale;
    if (this.overlay) for (const [box, number, chosen] of this.boxes) this.drawBox(box, number, chosen, pixel);
    this.drawTool(pixel);
  }

  drawBox([x1, y1, x2, y2], number, chosen, pixel) {
    const { context } = this;
    context.lineWidth = (chosen ? 2 : 1) * pixel;
    context.setLineDash([6 * pixel, 4 * pixel]);
    context.strokeStyle = css(colour(number));
    context.strokeRect(x1, y1, x2 - x1, y2 - y1);
    context.setLineDash([]);
  }

  drawTool(pixel) {
    const { context, points, pointer } = this;
    const own = css(colour(this.place(this.chosen)));
    context.strokeStyle = own;
    context.fillStyle = own;
    context.lineWidth = 2 * pixel;
    context.lineCap = context.lineJoin = 'round';
    if (this.tool === 'box' && points.length === 2) {
      const [[x1, y1], [x2, y2]] = points;
      context.strokeRect(x1, y1, x2 - x1, y2 - y1);
    }
    if (this.tool === 'polygon' && points.length) {
      context.beginPath();
      for (const [x, y] of points) context.lineTo(x, y);
      if (pointer) context.lineTo(...pointer);
      context.stroke();
      for (const [x, y] of points) {
        context.beginPath();
        context.arc(x, y, 4 * pixel, 0, 7);
        context.fill();
      }
    }
    if (this.tool === 'brush' || this.tool === 'eraser') {
      if (points.length) {
        context.globalAlpha = 0.6;
        context.strokeStyle = this.tool === 'eraser' ? '#fff' : own;
        this.strokePath(context);
        context.globalAlpha = 1;
      }
      if (pointer) {
        context.beginPath();
        context.arc(...pointer, this.brush, 0, 7);
        context.lineWidth = 3 * pixel;
        context.strokeStyle = '#0008';
        context.stroke();
        context.lineWidth = 1.5 * pixel;
        context.strokeStyle = this.tool === 'eraser' ? '#fff' : own;
        context.stroke();
      }
    }
  }

  strokePath(context) {
    context.lineWidth = 2 * this.brush;
    context.lineCap = context.lineJoin = 'round';
    context.beginPath();
    context.moveTo(...this.points[0]);
    for (const point of this.points) context.lineTo(...point);
    context.stroke();
  }

  // what is drawn

  placeOf(event) {
    const rect = this.canvas.getBoundingClientRect();
    const ratio = this.canvas.width / rect.width;
    return [(event.clientX - rect.left) * ratio, (event.clientY - rect.top) * ratio];
  }

  fire(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }

  pointerdown(event) {
    if (event.button > 1 || !this.image) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, this.placeOf(event));
    if (this.fingers.size > 1) { // two fingers zoom and move, whatever the tool
      this.points = [];
      this.moving = false;
      return;
    }
    const at = this.toFrame(this.placeOf(event));
    this.moving = this.tool === 'move' || event.button === 1 || !this.drawable;
    this.moved = 0;
    if (this.moving) return;
    if (this.tool === 'polygon') this.addPoint(at);
    else this.points = this.tool === 'box' ? [at, at] : [at];
    this.draw();
  }

  pointermove(event) {
    const here = this.placeOf(event);
    const before = this.fingers.get(event.pointerId);
    this.pointer = this.toFrame(here);
    if (before) {
      if (this.fingers.size === 2) this.pinch(event.pointerId, here);
      else if (this.moving) {
        const [scale] = this.view();
        this.moved += Math.abs(here[0] - before[0]) + Math.abs(here[1] - before[1]);
        this.moveBy((before[0] - here[0]) / scale, (before[1] - here[1]) / scale);
      } else if (this.tool === 'box' && this.points.length) this.points[1] = this.pointer;
      else if (this.tool === 'brush' || this.tool === 'eraser') this.points.push(this.pointer);
      this.fingers.set(event.pointerId, here);
    }
    this.draw();
  }

  pinch(moved, here) {
    const [[, other]] = [...this.fingers].filter(([id]) => id !== moved);
    const before = this.fingers.get(moved);
    const distance = ([x, y]) => Math.hypot(x - other[0], y - other[1]) || 1;
    this.zoomBy(distance(here) / distance(before), [(here[0] + other[0]) / 2, (here[1] + other[1]) / 2]);
  }

  pointerup(event) {
    const several = this.fingers.size > 1;
    if (!this.fingers.delete(event.pointerId) || several) return;
    const at = this.toFrame(this.placeOf(event));
    if (this.moving) {
      this.moving = false;
      if (this.moved < 6 && this.tool === 'move') this.fire('pick', at);
      return;
    }
    if (this.tool === 'box' && this.points.length === 2) {
      const [[x1, y1], [x2, y2]] = this.points;
      this.points = [];
      const box = [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];
      if (box[2] - box[0] >= 2 && box[3] - box[1] >= 2) this.fire('box', this.inside(box));
    } else if ((this.tool === 'brush' || this.tool === 'eraser') && this.points.length) {
      const mask = rasterise(...this.size, (context) => this.strokePath(context));
      this.points = [];
      this.fire('stroke', mask);
    }
    this.draw();
  }

  inside([x1, y1, x2, y2]) {
    const [width, height] = this.size;
    return [Math.max(0, x1), Math.max(0, y1), Math.min(width, x2), Math.min(height, y2)];
  }

  pointercancel(event) {
    this.fingers.delete(event.pointerId);
    if (this.tool !== 'polygon') this.points = [];
    this.draw();
  }

  pointerleave() {
    this.pointer = null;
    this.draw();
  }

  wheel(event) {
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY / 400), this.placeOf(event));
  }

  addPoint(at) {
    const [scale] = this.view();
    const ratio = window.devicePixelRatio || 1;
    const first = this.points[0];
    const near = first && Math.hypot(at[0] - first[0], at[1] - first[1]) * scale < CLOSE * ratio;
    if (near && this.points.length > 2) this.closePolygon();
    else if (!near) this.points.push(at);
  }

  closePolygon() {
    const points = this.points;
    this.points = [];
    if (points.length > 2) {
      this.fire('polygon', rasterise(...this.size, (context) => {
        context.beginPath();
        for (const point of points) context.lineTo(...point);
        context.fill();
      }));
    }
    this.draw();
  }

  /** Cancel the current drawing; false if there is none. */
  cancel() {
    const drawing = this.points.length > 0;
    this.points = [];
    this.draw();
    return drawing;
  }
}
