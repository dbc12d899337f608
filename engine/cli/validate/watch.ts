import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** How often files are checked for changes. */
const EACH_MS = 300

/** A save is often several writes, so files are read once none was written for this long. */
const SETTLED_MS = 100

/** After this many rounds, a file that is written all the time is read anyway. */
const MOST_ROUNDS = 50

/**
 * Yields at once, and again whenever the files that `list` returns have changed, until the signal. No change is lost: one
 * that comes while files are read is yielded next. It polls instead of watching folders, so that it notices files and
 * folders that are created, renamed or removed on any file system.
 */
export async function* fileChanges(list: () => Promise<string[]>, signal: AbortSignal): AsyncGenerator<void> {
  for (let before: string | undefined; !signal.aborted; await sleep(EACH_MS, undefined, { signal }).catch(() => {})) {
    const now = await settled(list, before, signal)
    if (now === before || signal.aborted) continue
    before = now
    yield
  }
}

async function settled(
  list: () => Promise<string[]>,
  before: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  for (let round = 1; ; round += 1) {
    const { marks, newest } = await marksOf(list)
    const fresh = Math.abs(Date.now() - newest) < SETTLED_MS
    if (marks === before || !fresh || round === MOST_ROUNDS || signal.aborted) return marks
    await sleep(SETTLED_MS, undefined, { signal }).catch(() => {})
  }
}

/** Returns what changes with every save: a rename brings another inode, a write another change time. */
async function marksOf(list: () => Promise<string[]>): Promise<{ marks: string; newest: number }> {
  let newest = 0
  const mark = async (file: string): Promise<string> => {
    try {
      const { ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true })
      newest = Math.max(newest, Number(ctimeNs / 1_000_000n))
      return `${file} ${ino} ${size} ${mtimeNs} ${ctimeNs}`
    } catch (error) {
      return `${file} ${(error as NodeJS.ErrnoException).code}`
    }
  }
  try {
    return { marks: (await Promise.all((await list()).map(mark))).join('\n'), newest }
  } catch (error) {
    return { marks: String(error), newest }
  }
}
