import { watch } from 'node:fs'
import { basename } from 'node:path'

/** A save is often several writes: what follows this close belongs together. */
const TOGETHER_MS = 100

/** Ticks once whenever YAML files in the folders have changed, until the signal. Folders in them are not looked at. */
export async function* yamlChanges(folders: string[], signal: AbortSignal): AsyncGenerator<void> {
  let wake: () => void = () => {}
  let changed = false
  const watchers = folders.map((folder) =>
    watch(folder, { signal }, (_, name) => {
      if (name !== null && !/^[^.].*\.ya?ml$/.test(basename(name))) return
      changed = true
      wake()
    }).on('error', () => {}),
  )
  signal.addEventListener('abort', () => wake(), { once: true })
  try {
    while (!signal.aborted) {
      if (!changed) await new Promise<void>((resolve) => (wake = resolve))
      await new Promise((resolve) => setTimeout(resolve, TOGETHER_MS))
      changed = false
      if (!signal.aborted) yield
    }
  } finally {
    for (const each of watchers) each.close()
  }
}
