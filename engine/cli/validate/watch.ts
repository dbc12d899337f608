import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** How often files are compared with what was read of them. */
const EACH_MS = 300

/** A save is often several writes: files are read once none was written for so long. File systems tell no two writes within a few of these apart. */
const SETTLED_MS = 100

/** After so many rounds a file that is written all the time is read nevertheless. */
const MOST_ROUNDS = 50

/**
 * Ticks whenever the files that `list` gives are others than at the tick before, until the signal; the first tick is for
 * the files as they are. What changes after a tick is never lost, whenever its files are read: the next tick is for that.
 * Files are compared and no folder is watched, so a file or folder that is made, renamed, removed or made again is seen on any file system.
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

/** What marks every save: a rename brings another inode, a write another time of change. */
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
