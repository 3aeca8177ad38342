// Saves decisions one after another; what could not be saved is kept in the browser until somebody decides.

import { toast } from './page.js';
import { post } from './server.js';

const KEY = 'vosplug-unsaved';

export class Saver {
  /**
   * `path()` and `where()` of the video, `onSaved(revision)`, `reload()`, and elements: `buttons` (undo, redo),
   * `bar` (what could not be saved) and `status`.
   */
  constructor(parts) {
    Object.assign(this, parts);
    this.revision = 0;
    this.done = []; // what undoes the changes of this video, the last one at the end
    this.undone = [];
    this.saving = 0;
    this.queue = Promise.resolve();
    this.busy = false;
    this.written = true;
    this.reached = true;
    this.failed = null;
    this.bar.querySelector('#pending-save').addEventListener('click', () => this.retry());
    this.bar.querySelector('#pending-drop').addEventListener('click', () => this.drop());
  }

  forget() {
    this.done = [];
    this.undone = [];
  }

  idle() {
    return this.queue;
  }

  save(changes, { into = this.done, keepUndone = false } = {}) {
    const path = this.path();
    const where = this.where();
    this.saving++;
    this.show();
    this.queue = this.queue.then(async () => {
      try {
        const { revision, before } = await post(path, { revision: this.revision, changes });
        if (path === this.path()) {
          this.revision = revision;
          into.push(before);
          if (!keepUndone) this.undone = [];
        }
        this.written = false;
        this.saving--;
        if (!this.saving && path === this.path()) await this.onSaved(revision);
      } catch (error) {
        this.saving = Math.max(0, this.saving - 1);
        this.keep({ ...where, path, changes, message: error.message, status: error.status });
        if (error.status) await this.reload().catch(() => {});
      }
      this.show();
    });
    return this.queue;
  }

  async undo() {
    await this.idle(); // what undoes a change is in its reply
    const changes = this.done.pop();
    if (changes) this.save(changes, { into: this.undone, keepUndone: true });
  }

  async redo() {
    await this.idle();
    const changes = this.undone.pop();
    if (changes) this.save(changes, { keepUndone: true });
  }

  // what could not be saved

  keep(failed) {
    if (failed.status === 422 || failed.status === 400 || failed.status === 404) {
      toast(failed.message, true); // it can never be saved
      return;
    }
    // later strokes on the same mask contain the earlier ones
    const older = this.failed && this.failed.path === failed.path ? this.failed.changes : [];
    const same = (a, b) => a.object === b.object && a.frame === b.frame;
    const kept = older.filter((change) => !failed.changes.some((newer) => same(change, newer)));
    this.failed = { ...failed, changes: [...kept, ...failed.changes] };
    try {
      localStorage.setItem(KEY, JSON.stringify(this.failed));
    } catch { /* a full or forbidden storage; it is kept on this page */ }
    this.showFailed();
  }

  /** Find what an earlier page could not save. */
  recover() {
    try {
      const found = JSON.parse(localStorage.getItem(KEY) || 'null');
      if (found && found.set === this.where().set) this.failed = found;
    } catch { /* it is damaged, or there is no storage */ }
    this.showFailed();
  }

  showFailed() {
    this.bar.hidden = !this.failed;
    if (!this.failed) return;
    const count = this.failed.changes.length;
    const what = `${count} ${count === 1 ? 'change' : 'changes'} of ${this.failed.video}`;
    this.bar.querySelector('span').textContent = `Not saved: ${what}. ${this.failed.message}`;
  }

  async retry() {
    const { path, changes } = this.failed;
    try {
      // on top of what is there now
      const response = await fetch(path.replace('/decisions', ''));
      if (!response.ok) throw new Error('The server cannot be reached. Is it still running?');
      const { revision } = await response.json();
      await post(path, { revision, changes });
      this.drop();
      await this.reload();
      toast('Saved.');
    } catch (error) {
      if (this.failed) this.failed.message = error.message;
      this.showFailed();
      toast(error.message, true);
    }
  }

  drop() {
    this.failed = null;
    localStorage.removeItem(KEY);
    this.showFailed();
    this.show();
  }

  show() {
    this.buttons.undo.disabled = !this.done.length || this.saving > 0;
    this.buttons.redo.disabled = !this.undone.length || this.saving > 0;
    const working = this.saving > 0 || this.busy || !this.written;
    this.status.classList.toggle('off', !this.reached);
    this.status.classList.toggle('busy', working);
    if (!this.reached) this.status.textContent = 'Server not reachable';
    else if (this.saving) this.status.textContent = 'Saving';
    else if (working) this.status.textContent = 'Saved, writing labels';
    else this.status.textContent = 'All saved';
  }
}
