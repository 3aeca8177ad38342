// What both pages do with their elements.

export const $ = (id) => document.getElementById(id);

/** An element; text is only ever set as text. */
export function element(tag, { text, ...properties } = {}, children = []) {
  const made = Object.assign(document.createElement(tag), properties);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

let hiding;

/** A message at the bottom for some seconds. */
export function toast(text, isError = false) {
  const box = $('toast');
  box.textContent = text;
  box.classList.toggle('error', isError);
  box.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { box.hidden = true; }, isError ? 8000 : 2500);
}

const THEMES = ['light dark', 'light', 'dark'];
const NAMES = { 'light dark': 'Theme: automatic', light: 'Theme: light', dark: 'Theme: dark' };

/** A button that goes through the themes; the choice is kept in this browser. */
export function themeButton(button) {
  const show = (theme) => {
    document.documentElement.style.colorScheme = theme;
    button.title = NAMES[theme];
    button.setAttribute('aria-label', NAMES[theme]);
  };
  let theme = localStorage.getItem('vosplug-theme');
  if (!THEMES.includes(theme)) theme = THEMES[0];
  show(theme);
  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    localStorage.setItem('vosplug-theme', theme);
    show(theme);
    document.dispatchEvent(new Event('theme'));
  });
}

/** The play button; `next()` shows the next frame. */
export class Player {
  constructor(button, next) {
    Object.assign(this, { button, next, timer: null });
  }

  toggle(perSecond) {
    if (this.timer) {
      this.stop();
      return;
    }
    this.show('⏸', 'Pause');
    this.timer = setInterval(this.next, 1000 / perSecond);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.show('▶', 'Play');
  }

  show(text, label) {
    this.button.textContent = text;
    this.button.setAttribute('aria-label', label);
  }
}

/** Call handlers by key; `ctrl+z` stands for cmd+z too. Keys that are typed into fields are left alone. */
export function onKeys(handlers) {
  document.addEventListener('keydown', (event) => {
    const target = event.target;
    const types = target.matches('textarea, select, input:not([type=range]):not([type=checkbox])');
    if (types || document.querySelector('dialog[open]')) return;
    if (target.matches('button, summary') && [' ', 'Enter'].includes(event.key)) return;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const ctrl = event.ctrlKey || event.metaKey ? 'ctrl+' : '';
    const shift = event.shiftKey && (ctrl || event.key.length > 1) ? 'shift+' : '';
    const handle = handlers[`${ctrl}${shift}${name}`];
    if (!handle || event.altKey) return;
    event.preventDefault();
    handle(event);
  });
}
