/**
 * Messages to the reader when a page begins.
 * @module
 */
import { notices } from '../i18n/words.ts';
import type { ActivityStore } from '../lesions/activityStore.ts';
import { newId } from './reporting.ts';

/** A setting of the page cannot be used; the default is. */
export function reportSetting(activity: ActivityStore, problem: string): void {
  activity.addNotice({
    id: newId('notice'),
    subject: notices().subjects.settings,
    code: 'viewer/bad-setting',
    message: `${problem}.`,
    remedy: notices().remarks.defaultUsed,
  });
}

/** Work that was not saved is on the list again. */
export function reportRestored(activity: ActivityStore, savedAt: Date): void {
  const [message, remedy] = notices().failuresOf.restored(savedAt);
  activity.addNotice({
    id: newId('notice'),
    subject: 'Samepoint',
    code: 'viewer/restored',
    message,
    remedy,
  });
}
