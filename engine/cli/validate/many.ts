import { setImmediate } from 'node:timers/promises'
import type { Interpret } from '../../runbook/reader.ts'
import { documentOf } from '../../runbook/yaml/document.ts'
import { interpretFile, type ReadFiles, together } from './files.ts'
import type { AnyFile } from './interpret-any.ts'
import { type ParsedFile, parseFile } from './parse-file.ts'
import type { SharedFile, SharedFiles } from './share.ts'
import type { Threads } from './threads.ts'

/** Reads files of any kind, in order: interprets what threads have parsed, and parses a share here when none is waiting. */
export async function readMany(threads: Threads, interpret: Interpret<AnyFile>, cwd: string): Promise<ReadFiles> {
  const { shares, take, parsed } = threads
  const done: ReadFiles[] = []
  const interpretAll = (files: ParsedFile[]) => together(files.map((file) => interpretFile(file, interpret)))
  const read = (files: string[]) => interpretAll(files.map((file) => parseFile(file, cwd)))
  const fromThread = async (thread: AsyncIterable<[SharedFiles]>) => {
    for await (const [{ share, files }] of thread) done[share] = interpretAll(files.map(toParsed))
  }
  const here = async () => {
    for (let share = take(); share < shares.length; share = take()) {
      done[share] = read(shares[share] ?? [])
      await setImmediate()
    }
  }
  await Promise.all([here(), ...parsed.map(fromThread)])
  // A thread that ended early has taken shares with it; these are read here, so that no file is skipped.
  for (const [share, files] of shares.entries()) done[share] ??= read(files)
  return together(done)
}

function toParsed(shared: SharedFile): ParsedFile {
  const { file, source } = shared
  if (shared.ok)
    return { file, source: shared.source, parsed: { ok: true, document: documentOf(shared.source, shared.value) } }
  return { file, ...(source ? { source } : {}), parsed: shared }
}
