import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Whether a process runs. A dead one that nobody has reaped yet does not. */
export function lives(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Waits for the end of a process, by its id or by the file that it wrote its id to; false where it lives on for a minute. */
export async function isGone(process: number | string): Promise<boolean> {
  const pid = typeof process === 'number' ? process : Number(readFileSync(process, 'utf8'))
  if (!(pid > 0)) throw new Error(`${process} names no process`)
  for (const late = performance.now() + 60_000; lives(pid); await sleep(20)) if (performance.now() > late) return false
  return true
}
