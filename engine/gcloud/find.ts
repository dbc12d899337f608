import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findProgram } from '../programs/find-program.ts'

/** An installed gcloud: its path, the SDK's folder, and its version and components, read from the SDK's files without running gcloud. */
export type Installed = { path: string; root: string; version: string; components: string[] | undefined }

/** Finds gcloud on a PATH. */
export function findGcloud(searched: string | undefined): Installed | undefined {
  const path = findProgram('gcloud', searched)
  if (path === undefined) return undefined
  const root = dirname(dirname(realpathSync(path)))
  return { path, root, version: versionIn(root), components: componentsIn(root) }
}

function versionIn(root: string): string {
  try {
    return readFileSync(join(root, 'VERSION'), 'utf8').trim()
  } catch {
    return 'unknown'
  }
}

/** Returns the installed components, one per manifest; undefined if the SDK keeps none. */
function componentsIn(root: string): string[] | undefined {
  try {
    const manifests = readdirSync(join(root, '.install')).filter((name) => name.endsWith('.manifest'))
    return manifests.length === 0 ? undefined : manifests.map((name) => name.slice(0, -'.manifest'.length))
  } catch {
    return undefined
  }
}
