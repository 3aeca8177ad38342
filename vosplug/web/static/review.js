// The review page: videos, frames and objects, and decisions about their masks.

import { colour, css, decodeRuns, encodeCounts, objectMask } from './masks.js';
import { $, Player, element, onKeys, themeButton, toast } from './page.js';
import { Images, get, listen, post } from './server.js';
import { Saver } from './saver.js';
import { Stage } from './stage.js';
import { Strip, scoreColour } from './strip.js';

const AHEAD = 4; // frames loaded before they are asked for
const WRITES = ['bad', 'absent', 'restore', 'forward', 'backward', 'unpropagate', 'learn'];

const stage = new Stage($('stage'));
const strip = new Strip($('strip'));
const images = new Images();
const session = Date.now().toString(36); // other servers may have had the same addresses

let server = {};
let listed = [];
let k = -1; // video
let video = null;
let t = 0;
let chosen = 0; // object
let labels = new Map(); // of this video's frames
const player = new Player($('play'), () => go(t + 1 === video.frames.length ? 0 : t + 1));

const path = (rest = '') => `/api/videos/${k}${rest}`;
const place = (id) => (video ? video.objects.findIndex((object) => object.id === id) : 0);
const objectOf = (id) => video?.objects.find((object) => object.id === id);
stage.place = strip.place = place;

// ---- videos

async function loadList() {
  const query = new URLSearchParams({ sort: $('sort').value, q: $('search').value });
  const found = await get(`/api/videos?${query}`);
  listed = found.videos;
  $('video-count').textContent = found.count > listed.length ? `(${listed.length} of ${found.count})` : `(${found.count})`;
  $('videos').replaceChildren(...listed.map((entry) => {
    const changed = [entry.bad && `${entry.bad} bad`, entry.fixed && `${entry.fixed} fixed`].filter(Boolean);
    const more = [`${entry.frames} frames`, `${entry.objects} ${entry.objects === 1 ? 'object' : 'objects'}`, ...changed];
    const button = element('button', { title: entry.name }, [
      scoreBadge(entry.worst),
      element('span', { className: 'name', text: entry.name }),
      element('span', { className: 'more', text: entry.made ? more.join(' · ') : 'not made yet' }),
    ]);
    button.dataset.video = entry.id;
    button.addEventListener('click', () => openVideo(entry.id));
    return element('li', {}, [button]);
  }));
  showCurrentVideo();
}

function scoreBadge(score) {
  const badge = element('span', { className: 'score', text: score === null ? '–' : score.toFixed(2) });
  if (score !== null) badge.style.background = scoreColour(score);
  badge.title = 'lowest score of its masks';
  return badge;
}

function showCurrentVideo() {
  for (const button of $('videos').querySelectorAll('button')) {
    button.setAttribute('aria-current', Number(button.dataset.video) === k);
  }
}

async function openVideo(number, at = {}) {
  player.stop();
  saver.forget();
  k = number;
  labels = new Map();
  video = await get(path());
  t = Math.min(at.frame ?? 0, video.frames.length - 1);
  chosen = objectOf(at.object) ? at.object : worstObject();
  stage.setVideo(video.width, video.height);
  $('frame').style.setProperty('--shape', `${video.width} / ${video.height}`);
  $('slider').max = video.frames.length - 1;
  document.title = `${video.name} – review`;
  saver.revision = video.revision;
  showCurrentVideo();
  $('videos').querySelector('[aria-current=true]')?.scrollIntoView({ block: 'nearest' });
  if (at.frame === undefined) t = worstFrame(objectOf(chosen)) ?? 0;
  await show();
}

const scoresOf = (object) => object.states.filter(([score, kind, , box]) => box && !kind && score !== null).map(([score]) => score);
const lowest = (object) => Math.min(2, ...scoresOf(object));

function worstObject() {
  return video.objects.toSorted((a, b) => lowest(a) - lowest(b))[0]?.id ?? 0;
}

function worstFrame(object) {
  if (!object) return null;
  const ranked = object.states.map(([score, kind, , box], frame) => ({ score, frame, open: box && !kind && score !== null }));
  return ranked.filter(({ open }) => open).sort((a, b) => a.score - b.score)[0]?.frame ?? null;
}

/** Reload what the server says of this video; another tab, person or job may have changed it. */
async function refresh() {
  const number = k;
  const found = await get(path());
  if (number !== k) return;
  video = found;
  saver.revision = video.revision;
  labels = new Map();
  await show();
}

// ---- the frame

async function labelsOf(frame) {
  if (!labels.has(frame)) {
    labels.set(frame, get(path(`/frames/${frame}/labels`)));
    labels.get(frame).catch(() => labels.delete(frame));
  }
  return labels.get(frame);
}

const imageOf = (frame) => images.get(`${path(`/frames/${frame}.jpg`)}?s=${session}`);

async function show() {
  const [number, frame] = [k, t];
  showTexts();
  try {
    const [image, found] = await Promise.all([imageOf(frame), labelsOf(frame)]);
    if (number !== k || frame !== t) return; // the user went on
    showFrame(image, found);
    for (let next = frame + 1; next <= Math.min(frame + AHEAD, video.frames.length - 1); next++) {
      imageOf(next).catch(() => {});
      labelsOf(next).catch(() => {});
    }
  } catch (error) {
    if (number !== k || frame !== t) return;
    stage.setFrame(null, null, []);
    $('hint').textContent = error.message || 'This frame cannot be shown.';
  }
}

function showFrame(image, found) {
  const ids = found.runs && decodeRuns(found.runs, video.width * video.height);
  const boxes = [];
  if ($('boxes').checked) {
    for (const [id, label] of Object.entries(found.labels)) {
      if (label.source === 'auto') for (const box of label.boxes) boxes.push([box, place(Number(id)), Number(id) === chosen]);
    }
  }
  stage.chosen = chosen;
  stage.setFrame(image, ids, boxes);
  const hints = {
    move: '', box: 'Drag a box around the object; the model finds the mask.',
    polygon: 'Click around the object; click the first point to close.', brush: 'Paint what belongs to the object.',
    eraser: 'Paint what does not belong to the object.',
  };
  $('hint').textContent = hints[stage.tool];
  $('hint').hidden = !hints[stage.tool];
  const label = found.labels[chosen];
  $('state').textContent = describe(label);
  document.body.dataset.shown = `${k}/${t}/${video.revision}`; // for tests
}

function describe(label) {
  const state = objectOf(chosen)?.states[t];
  if (!state) return 'No object is chosen.';
  const [score, kind, by] = state;
  const how = {
    brush: 'Drawn with the brush', polygon: 'Drawn as a polygon', box: "The model's mask of a drawn box",
    tracker: 'Propagated from another frame', nobody: 'Marked as not visible', file: 'Manual mask',
  };
  if (kind === 'bad') return 'Bad: the mask is removed, its box is void.';
  if (kind) return `${how[by]}.`;
  if (!label) return 'No box and no mask in this frame.';
  if (label.status === 'skipped') return `No mask: ${label.reason}.`;
  if (label.status === 'ignored') return `Removed by a rule: ${label.reason}. Its box is void.`;
  return `Automatic mask, score ${score?.toFixed(3)}.`;
}

function showTexts() {
  $('slider').value = t;
  $('slider').setAttribute('aria-valuetext', `frame ${video.frames[t]}`);
  $('count').textContent = `${t + 1} / ${video.frames.length}`;
  $('count').title = video.frames[t];
  showObjects();
  strip.show(video, chosen, t);
  history.replaceState(null, '', `#${new URLSearchParams({ video: k, frame: t, object: chosen })}`);
  saver.show();
}

function showObjects() {
  const ranked = video.objects.toSorted((a, b) => lowest(a) - lowest(b));
  $('objects').replaceChildren(...ranked.map((object) => {
    const chip = element('span', { className: 'chip' });
    chip.style.background = css(colour(place(object.id)));
    const counts = { bad: 0, fixed: 0 };
    for (const [, kind] of object.states) if (kind) counts[kind === 'bad' ? 'bad' : 'fixed']++;
    const more = [object.track !== String(object.id) && `track ${object.track}`, counts.bad && `${counts.bad} bad`, counts.fixed && `${counts.fixed} fixed`];
    const low = lowest(object);
    const button = element('button', {}, [
      chip,
      element('span', { className: 'name', text: `#${object.id} ${object.category}` }),
      scoreBadge(low > 1 ? null : low),
      element('span', { className: 'more', text: more.filter(Boolean).join(' · ') }),
    ]);
    button.dataset.object = object.id;
    button.setAttribute('aria-current', object.id === chosen);
    button.addEventListener('click', () => choose(object.id));
    return element('li', {}, [button]);
  }));
}

function choose(id) {
  if (!objectOf(id)) return;
  chosen = id;
  stage.cancel();
  show();
}

function go(frame) {
  if (!video) return;
  t = Math.max(0, Math.min(frame, video.frames.length - 1));
  stage.cancel();
  show();
}

function goVideo(step) {
  const at = listed.findIndex((entry) => entry.id === k);
  const next = listed[at + step];
  if (next) openVideo(next.id);
}

/** The mask with the next higher score of all masks of this video that nobody decided about. */
function nextWorst() {
  const open = video.objects.flatMap((object) => object.states.map(([score, kind, , box], frame) => ({
    id: object.id, frame, score, open: box && !kind && score !== null,
  }))).filter((mask) => mask.open).sort((a, b) => a.score - b.score || a.frame - b.frame);
  const here = open.findIndex((mask) => mask.id === chosen && mask.frame === t);
  const next = open[here + 1];
  if (!next) return goVideo(1);
  chosen = next.id;
  return go(next.frame);
}

function play() {
  if (video) player.toggle(Math.min(video.fps || 12, 25));
}

// ---- decisions

const saver = new Saver({
  path: () => path('/decisions'),
  where: () => ({ set: server.title, video: video?.name, number: k }),
  onSaved: (revision) => {
    if (video) video.revision = revision;
    labels = new Map();
    return refresh();
  },
  reload: refresh,
  buttons: { undo: $('undo'), redo: $('redo') },
  bar: $('pending'),
  status: $('status'),
});

const decide = (change) => saver.save([{ object: chosen, frame: t, ...change }]);

function saveMask(mask, by) {
  return decide({ kind: 'fixed', by, counts: encodeCounts(mask, video.width, video.height) });
}

stage.addEventListener('stroke', ({ detail: stroke }) => {
  if (!stage.ids) return;
  const mask = objectMask(stage.ids, chosen);
  const adds = stage.tool === 'brush';
  const ids = stage.ids.slice();
  for (let at = 0; at < mask.length; at++) {
    if (!stroke[at]) continue;
    mask[at] = adds ? 1 : 0;
    if (adds) ids[at] = chosen;
    else if (ids[at] === chosen) ids[at] = 0;
  }
  stage.ids = ids; // shown before the server has answered
  stage.repaint();
  saveMask(mask, 'brush');
});
stage.addEventListener('polygon', ({ detail: mask }) => saveMask(mask, 'polygon'));
stage.addEventListener('box', ({ detail: box }) => ask('/box', { object: chosen, frame: t, box }));
stage.addEventListener('pick', ({ detail: [x, y] }) => {
  const id = stage.ids?.[Math.floor(y) * video.width + Math.floor(x)];
  if (id && objectOf(id)) choose(id);
});

async function ask(rest, body) {
  try {
    await saver.idle();
    showJob(await post(path(rest), body));
  } catch (error) {
    toast(error.message, true);
  }
}

async function removePropagated() {
  await saver.idle();
  await refresh(); // a job may have just ended
  const frames = objectOf(chosen).states.flatMap(([, , by], frame) => (by === 'tracker' ? [frame] : []));
  if (frames.length) saver.save(frames.map((frame) => ({ object: chosen, frame })));
}

const propagate = (way) => ask('/propagate', { object: chosen, frame: t, [way]: Number($('reach').value) });

// ---- jobs and events

const jobs = new Map();

function showJob(job) {
  const before = jobs.get(job.id);
  if (before && ['done', 'failed', 'cancelled'].includes(before.state) && job.state === 'waits') return;
  jobs.set(job.id, job);
  if (job.state === 'failed' && before?.state !== 'failed') toast(job.message, true);
  showJobs();
}

function showJobs() {
  const shown = [...jobs.values()].sort((a, b) => b.id - a.id);
  const active = (job) => ['waits', 'runs'].includes(job.state);
  const some = [...shown.filter(active), ...shown.filter((job) => !active(job) && !job.title.endsWith('writing labels')).slice(0, 4)];
  $('jobs').replaceChildren(...some.map((job) => {
    const words = { waits: 'waits', runs: 'runs', done: 'done', failed: 'failed', cancelled: 'cancelled' };
    const parts = [element('div', { text: `${job.title}: ${words[job.state]}${job.message ? `, ${job.message}` : ''}`, className: job.state })];
    if (active(job)) {
      const bar = element('progress');
      if (job.total) [bar.max, bar.value] = [job.total, job.done];
      const cancel = element('button', { text: 'Cancel' });
      cancel.addEventListener('click', () => post(`/api/jobs/${job.id}/cancel`).catch((error) => toast(error.message, true)));
      parts.push(element('div', { className: 'row' }, [bar, cancel]));
    }
    return element('li', {}, parts);
  }));
  if (!some.length) $('jobs').replaceChildren(element('li', { className: 'quiet', text: 'None.' }));
  saver.busy = shown.some(active);
  saver.show();
}

let refreshing;

function later(work) {
  clearTimeout(refreshing);
  refreshing = setTimeout(() => work().catch((error) => toast(error.message, true)), 120);
}

async function loadState() {
  server = await get('/api/state');
  $('title').textContent = server.title;
  $('models').textContent = Object.entries(server.models).map(([what, name]) => `${what}: ${name}`).join(' · ');
  $('locked').hidden = !server.locked;
  $('locked').querySelector('span').textContent = server.locked
    ? `Read-only: the folder is in use by ${server.locked}. Changes can be saved once it has finished.` : '';
  $('problem').hidden = !server.problem;
  $('problem').querySelector('span').textContent = `Decisions are saved, but not in the files of the whole set: ${server.problem}`;
  stage.drawable = !server.locked;
  for (const id of WRITES) $(id).disabled = Boolean(server.locked);
  jobs.clear();
  for (const job of server.jobs) jobs.set(job.id, job);
  saver.written = server.saved;
  showJobs();
}

listen('/api/events', {
  job: showJob,
  saved: () => { saver.written = true; saver.show(); loadList(); },
  video: ({ video: number }) => {
    saver.written = false;
    if (number === k && !saver.saving) later(refresh);
    loadList();
  },
}, (reached) => {
  saver.reached = reached;
  saver.show();
  if (reached) loadState().catch(() => {});
});
setInterval(() => loadState().catch(() => {}), 5000);

// ---- controls

function setTool(tool) {
  stage.setTool(tool);
  for (const button of $('tools').children) button.setAttribute('aria-pressed', button.dataset.tool === tool);
  $('size-label').hidden = !['brush', 'eraser'].includes(tool);
  if (video) show();
}

function setBrush(size) {
  $('size').value = size;
  stage.brush = Number($('size').value);
  stage.draw();
}

function setOpacity(percent) {
  $('opacity').value = percent;
  stage.opacity = Number($('opacity').value) / 100;
  stage.draw();
}

function toggleMasks(on = !stage.overlay) {
  stage.overlay = $('overlay').checked = on;
  stage.draw();
}

const actions = {
  bad: () => decide({ kind: 'bad' }),
  absent: () => decide({ kind: 'fixed', by: 'nobody', counts: [video.width * video.height] }),
  restore: () => decide({}),
  forward: () => propagate('forward'),
  backward: () => propagate('backward'),
  learn: () => ask('/learn', { object: chosen }),
  unpropagate: removePropagated,
  worst: nextWorst,
  back: () => go(t - 1),
  ahead: () => go(t + 1),
  play,
  undo: () => saver.undo(),
  redo: () => saver.redo(),
  help: () => $('shortcuts').showModal(),
};
for (const [id, act] of Object.entries(actions)) {
  $(id).addEventListener('click', async () => {
    try {
      if (video) await act();
    } catch (error) {
      toast(error.message, true);
    }
  });
}
for (const button of $('tools').children) button.addEventListener('click', () => setTool(button.dataset.tool));
$('slider').addEventListener('input', () => go(Number($('slider').value)));
$('size').addEventListener('input', () => setBrush($('size').value));
$('opacity').addEventListener('input', () => setOpacity($('opacity').value));
$('overlay').addEventListener('change', () => toggleMasks($('overlay').checked));
$('boxes').addEventListener('change', () => video && show());
$('sort').addEventListener('change', loadList);
$('search').addEventListener('input', () => loadList().catch((error) => toast(error.message, true)));
strip.onpick = (frame, id) => { chosen = id; go(frame); };
themeButton($('theme'));
document.addEventListener('theme', () => video && strip.show(video, chosen, t));

const guarded = (act) => () => video && (!server.locked || !WRITES.includes(act)) && actions[act]();
const keys = {
  ArrowRight: () => go(t + 1), ArrowLeft: () => go(t - 1), 'shift+ArrowRight': () => go(t + 10), 'shift+ArrowLeft': () => go(t - 10),
  Home: () => go(0), End: () => go(Infinity), PageDown: () => goVideo(1), PageUp: () => goVideo(-1), ' ': play,
  x: guarded('bad'), q: guarded('absent'), a: guarded('restore'), f: guarded('forward'), d: guarded('backward'),
  l: guarded('learn'), n: guarded('worst'), '?': actions.help, v: () => toggleMasks(),
  '[': () => setOpacity(100 * stage.opacity - 10), ']': () => setOpacity(100 * stage.opacity + 10),
  ',': () => setBrush(stage.brush - 2), '.': () => setBrush(stage.brush + 2),
  m: () => setTool('move'), r: () => setTool('box'), g: () => setTool('polygon'), b: () => setTool('brush'), e: () => setTool('eraser'),
  Enter: () => stage.tool === 'polygon' && stage.closePolygon(), Escape: () => stage.cancel() || setTool('move'),
  '+': () => stage.zoomBy(1.3), '=': () => stage.zoomBy(1.3), '-': () => stage.zoomBy(1 / 1.3), 0: () => stage.fit(),
  'ctrl+z': actions.undo, 'ctrl+shift+z': actions.redo, 'ctrl+y': actions.redo,
};
for (let digit = 1; digit <= 9; digit++) keys[digit] = () => video?.objects[digit - 1] && choose(video.objects[digit - 1].id);
onKeys(keys);

async function start() {
  setTool('move');
  await loadState();
  await loadList();
  const at = Object.fromEntries([...new URLSearchParams(location.hash.slice(1))].map(([name, value]) => [name, Number(value)]));
  const first = Number.isInteger(at.video) && at.video < server.videos ? at.video : listed[0]?.id;
  if (first !== undefined) await openVideo(first, first === at.video ? at : {});
  saver.recover();
}

start().catch((error) => toast(error.message, true));
