import { once } from 'node:events'
import { getCompileCacheDir } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, extname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { ReadFiles } from './validate-files.ts'
import type { ShareGiven } from './validate-share.ts'

/** Fewer files are read before a thread has started. */
const MANY = 300
const SHARE = 20

/** A thread that reads files, and what tells that it has failed. */
export type Thread = { worker: Worker; failed: Promise<never> }

/** Starts what shares the reading of many files with this thread: one for each further core, none where files are few. Whoever starts them ends them. */
export function startThreads(files: string[], given: ShareGiven): Thread[] {
  return Array.from({ length: files.length < MANY ? 0 : availableParallelism() - 1 }, () => startThread(given))
}

/**
 * Reads files of any kind as `readHere` does, each for itself and in their order, in the threads that were started and
 * in this one. Each takes a share of the files whenever it is done with one.
 */
export async function readMany(
  files: string[],
  threads: Thread[],
  readHere: (share: string[]) => ReadFiles,
): Promise<ReadFiles> {
  const shares = Array.from({ length: Math.ceil(files.length / SHARE) }, (_, n) =>
    files.slice(n * SHARE, (n + 1) * SHARE),
  )
  const done: ReadFiles[] = []
  let next = 0
  const takeShares = async (readShare: (share: string[]) => Promise<ReadFiles>) => {
    for (let n = next++; n < shares.length; n = next++) done[n] = await readShare(shares[n] ?? [])
  }
  const here = async (share: string[]) => {
    await setImmediate()
    return readHere(share)
  }
  await Promise.all([takeShares(here), ...threads.map((thread) => takeShares(readIn(thread)))])
  return {
    read: done.flatMap(({ read }) => read),
    diagnostics: done.flatMap(({ diagnostics }) => diagnostics),
    sources: done.flatMap(({ sources }) => sources),
  }
}

function startThread(given: ShareGiven): Thread {
  // The file beside this one: TypeScript in a clone, JavaScript in the installed package.
  const file = new URL(`./validate-share${extname(import.meta.url)}`, import.meta.url)
  const compiled = getCompileCacheDir()
  const worker = new Worker(file, { workerData: given, env: compiled ? { NODE_COMPILE_CACHE: dirname(compiled) } : {} })
  const failed = new Promise<never>((_, reject) => worker.once('error', reject))
  // It may fail before anybody waits for it; whoever does then is told.
  failed.catch(() => {})
  return { worker, failed }
}

const readIn =
  ({ worker, failed }: Thread) =>
  async (share: string[]) => {
    worker.postMessage(share)
    const [result] = (await Promise.race([once(worker, 'message'), failed])) as [ReadFiles]
    return result
  }
