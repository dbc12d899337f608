import { once } from 'node:events'
import { getCompileCacheDir } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, extname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Reading } from '../runbook/reader.ts'
import type { Source } from '../runbook/source.ts'
import type { AnyFile } from './read-any.ts'
import { type ReadFiles, readFiles } from './validate-files.ts'
import type { ShareGiven } from './validate-share.ts'

/** Fewer files are read before a thread has started. */
const MANY = 300
const SHARE = 20

/**
 * Reads files of any kind as `readFiles` does, each for itself and in their order; where there are many, in as many
 * threads as there are cores, this one among them. Each takes a share of the files whenever it is done with one.
 */
export async function readMany(
  files: string[],
  read: (source: Source) => Reading<AnyFile>,
  given: ShareGiven,
): Promise<ReadFiles> {
  if (files.length < MANY) return readFiles(files, read, given.cwd)
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
    return readFiles(share, read, given.cwd)
  }
  const threads = Array.from({ length: availableParallelism() - 1 }, () => startThread(given))
  try {
    await Promise.all([takeShares(here), ...threads.map((thread) => takeShares(readIn(thread)))])
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()))
  }
  return {
    read: done.flatMap(({ read }) => read),
    diagnostics: done.flatMap(({ diagnostics }) => diagnostics),
    sources: done.flatMap(({ sources }) => sources),
  }
}

function startThread(given: ShareGiven): Worker {
  // The file beside this one: TypeScript in a clone, JavaScript in the installed package.
  const file = new URL(`./validate-share${extname(import.meta.url)}`, import.meta.url)
  const compiled = getCompileCacheDir()
  return new Worker(file, { workerData: given, env: compiled ? { NODE_COMPILE_CACHE: dirname(compiled) } : {} })
}

const readIn = (thread: Worker) => async (share: string[]) => {
  thread.postMessage(share)
  const [result] = (await once(thread, 'message')) as [ReadFiles]
  return result
}
