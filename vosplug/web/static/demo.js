// The demo page: send a clip, draw boxes, watch the masks as they are found.

import { colour, css, decodeRuns } from './masks.js';
import { $, Player, element, onKeys, themeButton, toast } from './page.js';
import { Images, get, listen, post } from './server.js';
import { Stage } from './stage.js';

const MOST_OBJECTS = 20;

const stage = new Stage($('stage'));
const images = new Images(160);

let clip = null;
let t = 0;
let boxes = []; // of the objects 1, 2, ...: { frame, box } or null
let chosen = 1;
let found = []; // id masks as run lengths, by frame
let source = null; // of events
let following = false; // show each frame as it is found
let newest = -1; // frame that was found last
let loading = false; // a frame to show it
const player = new Player($('play'), () => go(t + 1 === clip.frames ? 0 : t + 1));
let most = 0;

stage.place = (id) => id - 1;

// ---- the clip

function send(file) {
  if (file.size > most) return toast(`The video is larger than ${Math.round(most / 1e6)} MB. Choose a shorter one.`, true);
  const request = new XMLHttpRequest(); // tells how far it is, which fetch does not
  request.open('POST', '/api/clips');
  request.setRequestHeader('x-vosplug', '1');
  request.setRequestHeader('content-type', 'application/octet-stream');
  request.responseType = 'json';
  const bar = $('upload');
  bar.hidden = false;
  request.upload.addEventListener('progress', (event) => { bar.value = event.loaded / event.total; });
  request.addEventListener('load', () => {
    bar.hidden = true;
    if (request.status === 201) openClip(request.response);
    else toast(request.response?.error || `The server answered ${request.status}.`, true);
  });
  request.addEventListener('error', () => {
    bar.hidden = true;
    toast('The server cannot be reached. Is it still running?', true);
  });
  return request.send(file);
}

function openClip(report) {
  clip = report;
  t = 0;
  found = [];
  boxes = [null];
  chosen = 1;
  for (const id of ['toolbar', 'transport']) $(id).hidden = false;
  $('empty').hidden = true;
  $('slider').max = clip.frames - 1;
  $('frame').style.setProperty('--shape', `${clip.width} / ${clip.height}`);
  stage.setVideo(clip.width, clip.height);
  stage.setTool('box');
  $('told').textContent = '';
  $('progress').value = 0;
  show();
}

function leaveClip() {
  player.stop();
  source?.close();
  if (clip) post(`/api/clips/${clip.id}/stop`).catch(() => {});
  clip = null;
  stage.setFrame(null, null, []);
  for (const id of ['toolbar', 'transport', 'hint']) $(id).hidden = true;
  $('empty').hidden = false;
  showObjects();
}

// ---- the frame

async function show() {
  if (!clip) return;
  const [id, frame] = [clip.id, t];
  $('slider').value = frame;
  $('count').textContent = `${frame + 1} / ${clip.frames}`;
  showObjects();
  try {
    const image = await images.get(`/api/clips/${id}/frames/${frame}.jpg`);
    if (clip?.id !== id || t !== frame) return;
    const ids = found[frame] ? decodeRuns(found[frame], clip.width * clip.height) : null;
    stage.chosen = chosen;
    const shown = boxes.map((drawn, k) => [drawn?.box, k, k + 1 === chosen]).filter(([box], k) => box && boxes[k].frame === frame);
    stage.setFrame(image, ids, ids && following ? [] : shown);
    document.body.dataset.shown = `${frame}/${ids ? 'mask' : 'frame'}`; // for tests
    for (let next = frame + 1; !following && next < Math.min(frame + 6, clip.frames); next++) {
      images.get(`/api/clips/${id}/frames/${next}.jpg`).catch(() => {});
    }
  } catch {
    if (clip?.id === id && t === frame) toast('This frame cannot be shown.', true);
  }
}

/** Show a frame that was just found; frames that are found while an earlier one loads are left out. */
async function showNewest(frame) {
  newest = frame;
  if (loading) return;
  loading = true;
  do {
    t = newest;
    await show();
  } while (following && t !== newest);
  loading = false;
}

function showObjects() {
  const some = boxes.some(Boolean);
  $('objects').replaceChildren(...(clip ? boxes : []).map((drawn, k) => {
    const chip = element('span', { className: 'chip' });
    chip.style.background = css(colour(k));
    const button = element('button', {}, [
      chip,
      element('span', { className: 'name', text: `Object ${k + 1}` }),
      element('span', { text: '' }),
      element('span', { className: 'more', text: drawn ? `box in frame ${drawn.frame + 1}` : 'draw its box' }),
    ]);
    button.setAttribute('aria-current', k + 1 === chosen);
    button.addEventListener('click', () => choose(k + 1));
    return element('li', {}, [button]);
  }));
  $('track').disabled = !some;
  $('add').disabled = !clip || boxes.length >= MOST_OBJECTS || !boxes.every(Boolean);
  $('hint').textContent = some ? 'Press Follow, or draw more boxes.' : 'Drag a box around an object.';
  $('hint').hidden = !clip || found.length > 0;
}

function choose(id) {
  if (!clip || id > boxes.length) return;
  chosen = id;
  if (boxes[id - 1] && !following) t = boxes[id - 1].frame;
  show();
}

function add() {
  if ($('add').disabled) return;
  boxes.push(null);
  choose(boxes.length);
}

function go(frame) {
  if (!clip) return;
  following = false;
  t = Math.max(0, Math.min(frame, clip.frames - 1));
  show();
}

function play() {
  if (clip) player.toggle(clip.fps);
}

// ---- following

stage.addEventListener('box', ({ detail: box }) => {
  boxes[chosen - 1] = { frame: t, box };
  show();
});

async function track() {
  const prompts = boxes.map((drawn, k) => drawn && { object: k + 1, ...drawn }).filter(Boolean);
  if (!clip || !prompts.length) return;
  player.stop();
  source?.close();
  found = [];
  try {
    await post(`/api/clips/${clip.id}/track`, { prompts });
  } catch (error) {
    toast(error.message, true);
    return;
  }
  following = true;
  newest = -1;
  $('stop').hidden = false;
  $('progress').max = clip.frames;
  $('progress').value = 0;
  $('told').textContent = 'Waiting for the model.';
  const began = performance.now();
  source = listen(`/api/clips/${clip.id}/results`, {
    frame: ({ t: frame, runs }) => {
      found[frame] = runs;
      $('progress').value = frame + 1;
      const count = found.filter(Boolean).length;
      $('told').textContent = `${count} frames, ${(count / ((performance.now() - began) / 1000)).toFixed(1)} per second`;
      if (following) showNewest(frame);
      else if (frame === t) show();
    },
    end: (job) => {
      source.close();
      $('stop').hidden = true;
      if (following) t = Math.max(newest, 0);
      following = false;
      const words = { done: 'Done', cancelled: 'Stopped', failed: job.message };
      $('told').textContent = `${words[job.state] || 'Ended'} · ${$('told').textContent}`;
      if (job.state === 'failed') toast(job.message, true);
      show();
    },
  });
}

// ---- controls

const actions = {
  choose: () => $('file').click(),
  example: () => post('/api/example').then(openClip).catch((error) => toast(error.message, true)),
  track,
  stop: () => post(`/api/clips/${clip.id}/stop`).catch((error) => toast(error.message, true)),
  clear: () => { boxes = [null]; chosen = 1; show(); },
  other: leaveClip,
  add,
  back: () => go(t - 1),
  ahead: () => go(t + 1),
  play,
  help: () => $('shortcuts').showModal(),
};
for (const [id, act] of Object.entries(actions)) $(id).addEventListener('click', act);
$('file').addEventListener('change', () => $('file').files[0] && send($('file').files[0]));
$('slider').addEventListener('input', () => go(Number($('slider').value)));

function setOpacity(percent) {
  $('opacity').value = percent;
  stage.opacity = Number($('opacity').value) / 100;
  stage.draw();
}

function toggleMasks(on = !stage.overlay) {
  stage.overlay = $('overlay').checked = on;
  stage.draw();
}

$('opacity').addEventListener('input', () => setOpacity($('opacity').value));
$('overlay').addEventListener('change', () => toggleMasks($('overlay').checked));
for (const kind of ['dragover', 'drop']) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    if (kind === 'drop' && !clip && event.dataTransfer.files[0]) send(event.dataTransfer.files[0]);
  });
}
const keys = {
  ArrowRight: () => go(t + 1), ArrowLeft: () => go(t - 1), Home: () => go(0), End: () => go(Infinity), ' ': play,
  Enter: track, n: add, v: () => toggleMasks(), '[': () => setOpacity(100 * stage.opacity - 10),
  ']': () => setOpacity(100 * stage.opacity + 10), Escape: () => stage.cancel(), '?': actions.help,
};
for (let digit = 1; digit <= 9; digit++) keys[digit] = () => choose(digit);
onKeys(keys);
themeButton($('theme'));
setOpacity(55);

get('/api/about').then((about) => {
  most = about.max_upload;
  $('model').textContent = about.model ? `Model: ${about.model}` : '';
  $('limits').textContent += ` At most ${Math.round(most / 1e6)} MB.`;
}).catch((error) => toast(error.message, true));
