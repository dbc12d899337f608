import { on } from 'node:events'
import { getCompileCacheDir } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { SharedFiles, ShareGiven } from './share.ts'

/** With fewer files, a thread would start too late to help. */
const MANY = 300
const SHARE = 8

/** Threads that parse shares of files: the shares, how to take the next one, the results, and how to end them. */
export type Threads = {
  shares: string[][]
  take: () => number
  parsed: AsyncIterable<[SharedFiles]>[]
  end: () => Promise<unknown>
}

/** Starts one parsing thread for each further core, or none where there are few files. The caller ends them. */
export function startThreads(files: string[], cwd: string): Threads {
  const shares = Array.from({ length: Math.ceil(files.length / SHARE) }, (_, n) =>
    files.slice(n * SHARE, (n + 1) * SHARE),
  )
  const next = new Int32Array(new SharedArrayBuffer(4))
  const workers = Array.from({ length: files.length < MANY ? 0 : availableParallelism() - 1 }, () =>
    startThread({ shares, next, cwd }),
  )
  return {
    shares,
    take: () => Atomics.add(next, 0, 1),
    // Listens from now on, so that no early result is lost.
    parsed: workers.map((worker) => on(worker, 'message', { close: ['exit'] }) as AsyncIterable<[SharedFiles]>),
    end: () => {
      // Leaves no share to take.
      Atomics.store(next, 0, shares.length)
      return Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

function startThread(given: ShareGiven): Worker {
  // TypeScript in a clone, JavaScript in the installed package.
  const file = new URL(`./share${extname(import.meta.url)}`, import.meta.url)
  const compiled = getCompileCacheDir()
  return new Worker(file, { workerData: given, env: compiled ? { NODE_COMPILE_CACHE: dirname(compiled) } : {} })
}
