import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { Composer, Parser } from 'yaml'

// The floor of `validate`: nothing but the YAML library over the given files, in as many threads as there are cores.
type Given = { files: string[]; next: Int32Array }

function parseShare({ files, next }: Given): void {
  process.env = {}
  for (let n = Atomics.add(next, 0, 1); n < files.length; n = Atomics.add(next, 0, 1))
    [...new Composer().compose(new Parser().parse(readFileSync(files[n] ?? '', 'utf8')))]
}

if (isMainThread) {
  const given: Given = { files: process.argv.slice(2), next: new Int32Array(new SharedArrayBuffer(4)) }
  for (let n = 1; n < availableParallelism(); n++)
    new Worker(fileURLToPath(import.meta.url), { workerData: given, env: {} })
  parseShare(given)
} else parseShare(workerData)
