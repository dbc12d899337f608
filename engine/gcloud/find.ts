import { accessSync, constants, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join } from 'node:path'

/** An installed gcloud: its path, the SDK's folder, and the SDK's version and components from its own files, which cost no gcloud call. */
export type Installed = { path: string; root: string; version: string; components: string[] | undefined }

/** The gcloud that a PATH leads to, if any. */
export function findGcloud(path: string | undefined): Installed | undefined {
  for (const folder of (path ?? '').split(delimiter)) {
    if (!isAbsolute(folder)) continue
    const candidate = join(folder, 'gcloud')
    try {
      if (!statSync(candidate).isFile()) continue
      accessSync(candidate, constants.X_OK)
      const root = dirname(dirname(realpathSync(candidate)))
      return { path: candidate, root, version: versionIn(root), components: componentsIn(root) }
    } catch {}
  }
  return undefined
}

function versionIn(root: string): string {
  try {
    return readFileSync(join(root, 'VERSION'), 'utf8').trim()
  } catch {
    return 'unknown'
  }
}

/** Each installed component has a manifest of its name; undefined where the SDK keeps none. */
function componentsIn(root: string): string[] | undefined {
  try {
    const manifests = readdirSync(join(root, '.install')).filter((name) => name.endsWith('.manifest'))
    return manifests.length === 0 ? undefined : manifests.map((name) => name.slice(0, -'.manifest'.length))
  } catch {
    return undefined
  }
}
