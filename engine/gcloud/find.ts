import { accessSync, constants, readFileSync, realpathSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join } from 'node:path'

/** An installed gcloud: its real path and the SDK's version (from the SDK's own VERSION file, which costs no gcloud call). */
export type Installed = { path: string; version: string }

/** The gcloud that a PATH leads to, if any. */
export function findGcloud(path: string | undefined): Installed | undefined {
  for (const folder of (path ?? '').split(delimiter)) {
    if (!isAbsolute(folder)) continue
    const candidate = join(folder, 'gcloud')
    try {
      accessSync(candidate, constants.X_OK)
      return { path: candidate, version: versionOf(candidate) }
    } catch {}
  }
  return undefined
}

function versionOf(path: string): string {
  try {
    return readFileSync(join(dirname(dirname(realpathSync(path))), 'VERSION'), 'utf8').trim()
  } catch {
    return 'unknown'
  }
}
