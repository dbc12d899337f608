import { printable } from '../../base/printable.ts'
import { describeTrouble } from '../../disk/fs-errors.ts'
import { keepSources, keepText } from '../../disk/logs/source-folder.ts'
import { formatPlan } from '../../plan/saved.ts'
import type { SavedPlan } from '../../plan/types.ts'
import type { Print } from '../host/output.ts'
import type { LockedIncident } from '../locks/locked-incident.ts'

/** Keeps files as they are used beside the log, which has their digests: without the copies a run goes on. */
export const keepBeside = (
  { paths }: LockedIncident,
  files: { file: string; digest: string }[],
  print: Print,
): Promise<void> => keepSources(paths, files).catch(notKept(print))

/** Keeps a saved plan beside the log of the run that carries it out: whoever goes on with the run needs it. */
export const keepPlan = ({ paths }: LockedIncident, saved: SavedPlan, print: Print): Promise<void> =>
  keepText(paths, formatPlan(saved), '.json').catch(notKept(print))

const notKept = (print: Print) => (error: unknown) =>
  print(printable(`No copies of what was used are kept beside the log: ${describeTrouble(error)}.`))
