// Requests to the server.

export class RequestError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status; // 0: the server cannot be reached
  }
}

async function request(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new RequestError('The server cannot be reached. Is it still running?', 0);
  }
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new RequestError(content.error || `The server answered ${answer.status}.`, answer.status);
  return content;
}

export const get = (path) => request(path, {});

// the header tells the server that one of its own pages asks
export const post = (path, body = {}) =>
  request(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-vosplug': '1' },
    body: JSON.stringify(body),
  });

/** Listen to events; `handlers` by their kind. `onlink` is called with whether the server can be reached. */
export function listen(path, handlers, onlink = () => {}) {
  const source = new EventSource(path);
  for (const [kind, handle] of Object.entries(handlers)) {
    source.addEventListener(kind, (event) => handle(JSON.parse(event.data)));
  }
  source.addEventListener('open', () => onlink(true));
  source.addEventListener('error', () => onlink(false));
  return source;
}

/** Images by their address, loaded once; the ones used last are kept. */
export class Images {
  constructor(most = 80) {
    this.most = most;
    this.images = new Map();
  }

  get(address) {
    let image = this.images.get(address);
    if (image) {
      this.images.delete(address);
    } else {
      image = new Image();
      image.src = address;
      image.ready = image.decode().then(() => image);
      image.ready.catch(() => this.images.delete(address));
    }
    this.images.set(address, image);
    for (const old of this.images.keys()) {
      if (this.images.size <= this.most) break;
      this.images.delete(old);
    }
    return image.ready;
  }
}
