import { on } from 'node:events'
import { getCompileCacheDir } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { SharedFiles, ShareGiven } from './share.ts'

/** Fewer files are parsed before a thread has started. */
const MANY = 300
const SHARE = 8

/** Files in shares, and threads that parse them: what comes of them, whose share is next, and how they are ended. */
export type Threads = {
  shares: string[][]
  take: () => number
  parsed: AsyncIterable<[SharedFiles]>[]
  end: () => Promise<unknown>
}

/** Starts what parses many files while this thread does other things: one for each further core, none where files are few. Whoever starts them ends them. */
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
    // From now on, so that nothing is lost that comes before anybody asks.
    parsed: workers.map((worker) => on(worker, 'message', { close: ['exit'] }) as AsyncIterable<[SharedFiles]>),
    end: () => {
      // Whoever still takes shares finds none.
      Atomics.store(next, 0, shares.length)
      return Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

function startThread(given: ShareGiven): Worker {
  // The file beside this one: TypeScript in a clone, JavaScript in the installed package.
  const file = new URL(`./share${extname(import.meta.url)}`, import.meta.url)
  const compiled = getCompileCacheDir()
  return new Worker(file, { workerData: given, env: compiled ? { NODE_COMPILE_CACHE: dirname(compiled) } : {} })
}
