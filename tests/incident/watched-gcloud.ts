import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Entry } from '../../engine/audit/entry.ts'
import { type Desk, folderOf } from './cli.ts'

/** One start of gcloud: its argv and environment as the kernel has them, and the log at that moment. */
export type WatchedCall = { argv: string[]; environment: string; log: Entry[] }

/** Puts a recorder called gcloud before the real one, which it becomes; `path` is the PATH to run with. */
export function watchGcloud(desk: Desk): { path: string; calls(): WatchedCall[] } {
  const bin = join(desk.folder, 'watched-bin')
  const seen = join(desk.folder, 'seen')
  for (const folder of [bin, seen]) mkdirSync(folder)
  const script = `#!/bin/sh
cat /proc/$$/cmdline > '${seen}'/$$.argv
cat /proc/$$/environ > '${seen}'/$$.environment
cat '${desk.logs}'/*/audit.jsonl > '${seen}'/$$.log 2> /dev/null
exec '${folderOf('gcloud')}/gcloud' "$@"
`
  writeFileSync(join(bin, 'gcloud'), script, { mode: 0o755 })
  const read = (name: string, ending: string) => readFileSync(join(seen, `${name}.${ending}`), 'utf8')
  return {
    path: [bin, desk.environment.PATH].join(delimiter),
    calls: () =>
      readdirSync(seen)
        .filter((name) => name.endsWith('.argv'))
        .map((file) => {
          const name = file.slice(0, -'.argv'.length)
          const lines = read(name, 'log').split('\n').slice(0, -1)
          // The first two words are the shell and the script.
          const argv = read(name, 'argv').split('\0').slice(2, -1)
          return {
            argv,
            environment: read(name, 'environment'),
            log: lines.map((line) => JSON.parse(line) as Entry),
          }
        }),
  }
}
