import { foldText, normalizeText } from '../text/fold-text.js';
import { collapseSpace } from '../text/find-words.js';
import { visibleText } from '../text/visible-text.js';

/** The forms in which operators look at a text, each made once per message and text. */
export class TextForms {
  readonly #folded = new Map<string, string>();
  readonly #exact = new Map<string, string>();
  readonly #spaced = new Map<string, string>();
  readonly #visible = new Map<string, string>();

  /** Folded, or with case as written. */
  of(text: string, isCaseSensitive: boolean): string {
    return isCaseSensitive ? remember(this.#exact, text, normalizeText) : remember(this.#folded, text, foldText);
  }

  /** The same with each run of white space as one space. */
  spaced(text: string, isCaseSensitive: boolean): string {
    return remember(this.#spaced, this.of(text, isCaseSensitive), collapseSpace);
  }

  /** A text as it is written and, where that is another, as people see it. */
  readings(text: string): readonly string[] {
    const visible = remember(this.#visible, text, visibleText);
    return visible === text ? [text] : [text, visible];
  }
}

function remember(forms: Map<string, string>, text: string, make: (text: string) => string): string {
  let form = forms.get(text);
  if (form === undefined) {
    form = make(text);
    forms.set(text, form);
  }
  return form;
}
