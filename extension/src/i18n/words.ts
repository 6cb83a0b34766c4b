/**
 * The words of the extension in the language of the viewer. Texts of the server are shown as it wrote them, in English.
 * @module
 */
import { de } from './de.ts';
import { en } from './en.ts';
import type { Words } from './en.ts';
import type { Notices } from './noticesEn.ts';

export type { Words } from './en.ts';

const LANGUAGES: Readonly<Record<string, Words>> = { en, de };

/** Where the viewer's i18next keeps the language of the reader. */
const STORAGE_KEY = 'i18nextLng';

function storedLanguage(page: Window): string | undefined {
  try {
    return page.localStorage.getItem(STORAGE_KEY) ?? undefined;
  } catch {
    // A browser may refuse access to the storage.
    return undefined;
  }
}

/**
 * The words of the viewer's language, English where there are none. OHIF exposes its i18next to no extension; i18next keeps the language in
 * the local storage, under its own key. The page's `lang` is constant in OHIF, and counts for other hosts.
 */
export function wordsOf(page: Window): Words {
  const language = storedLanguage(page) ?? page.document.documentElement.lang;
  return LANGUAGES[language.slice(0, 2).toLowerCase()] ?? en;
}

/** The words of this page, English without a page. */
export function wordsNow(): Words {
  const { window: page } = globalThis as { readonly window?: Window };
  return page === undefined ? en : wordsOf(page);
}

/** What is said outside of the panel's own parts. */
export function notices(): Notices {
  return wordsNow().notices;
}
