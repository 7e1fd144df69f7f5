import { foldText, normalizeText } from '../text/fold-text.js';
import { collapseSpace } from '../text/find-words.js';

/** The forms in which operators look at a text, each made once per message and text. */
export class TextForms {
  readonly #folded = new Map<string, string>();
  readonly #exact = new Map<string, string>();
  readonly #spaced = new Map<string, string>();

  /** Folded, or with case as written. */
  of(text: string, isCaseSensitive: boolean): string {
    return isCaseSensitive ? remember(this.#exact, text, normalizeText) : remember(this.#folded, text, foldText);
  }

  /** The same with each run of white space as one space. */
  spaced(text: string, isCaseSensitive: boolean): string {
    return remember(this.#spaced, this.of(text, isCaseSensitive), collapseSpace);
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
