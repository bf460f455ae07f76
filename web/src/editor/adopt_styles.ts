// CodeMirror writes its rules into a style element, which our policy (default-src 'self') forbids.
// Style sheets made by script are allowed: they take the rules instead.
import { StyleModule } from "style-mod";

type Root = Document | ShadowRoot | DocumentOrShadowRoot;

const mounted = new WeakMap<Root, { sheet: CSSStyleSheet; modules: StyleModule[] }>();

function mount(root: Root, given: StyleModule | readonly StyleModule[]): void {
  let state = mounted.get(root);
  if (!state) {
    state = { sheet: new CSSStyleSheet(), modules: [] };
    mounted.set(root, state);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, state.sheet];
  }
  const known = new Set(state.modules);
  const modules = (Array.isArray(given) ? given : [given]) as StyleModule[];
  const added = modules.filter((module) => !known.has(module));
  if (!added.length) return;
  // The last module of a list wins, as it does in CodeMirror's own style element.
  state.modules = [...state.modules, ...added];
  state.sheet.replaceSync(state.modules.map((module) => module.getRules()).join("\n"));
}

/** Has to run before the first view is made. */
export function adoptStyles(): void {
  StyleModule.mount = mount;
}
