import { keepSources } from '../disk/source-folder.ts'
import { describeTrouble } from '../disk/trouble.ts'
import { printable } from '../runbook/printable.ts'
import type { Held } from './hold.ts'
import type { Say } from './say.ts'

/** Keeps files as they are used beside the log, which has their digests: without the copies a run goes on. */
export const keepBeside = ({ paths }: Held, files: { file: string; digest: string }[], say: Say): Promise<void> =>
  keepSources(paths, files).catch((error: unknown) =>
    say(printable(`No copies of what was used are kept beside the log: ${describeTrouble(error)}.`)),
  )
