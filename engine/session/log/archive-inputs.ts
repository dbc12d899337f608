import { printable } from '../../base/printable.ts'
import { describeTrouble } from '../../disk/fs-errors.ts'
import { keepSources, keepText } from '../../disk/logs/source-folder.ts'
import { formatPlan } from '../../plan/saved.ts'
import type { SavedPlan } from '../../plan/types.ts'
import type { Print } from '../host/output.ts'
import type { LockedIncident } from '../locks/locked-incident.ts'

/** Copies the files in use into the log's folder, under the digests that the log names; a run continues without the copies. */
export const archiveFiles = (
  { paths }: LockedIncident,
  files: { file: string; digest: string }[],
  print: Print,
): Promise<void> => keepSources(paths, files).catch(notKept(print))

/** Copies a saved plan into the folder of its run's log: resuming the run needs it. */
export const archivePlan = ({ paths }: LockedIncident, saved: SavedPlan, print: Print): Promise<void> =>
  keepText(paths, formatPlan(saved), '.json').catch(notKept(print))

const notKept = (print: Print) => (error: unknown) =>
  print(printable(`Cannot copy the files in use into the log's folder: ${describeTrouble(error)}.`))
