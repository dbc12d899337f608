import type { Readiness } from '../../base/readiness.ts'

/** How far this machine's clock may be off, in ms: up to there, tokens work and log times are useful. */
const MOST = 60_000

/** Compares this machine's clock with an answer's Date header, in whole seconds. */
export function checkClock(date: string | undefined, now: Date): Readiness {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs)) return { name: 'clock', status: 'skipped', message: 'the response had no Date header' }
  const off = Math.round((now.getTime() - theirs) / 1000)
  if (Math.abs(off) * 1000 <= MOST)
    return { name: 'clock', status: 'ok', message: "this machine's clock matches Google's" }
  return {
    name: 'clock',
    status: 'warning',
    message: `this machine's clock is ${Math.abs(off)} s ${off > 0 ? 'ahead of' : 'behind'} Google's; log times will be off too`,
    hint: 'set the clock, or turn on network time (NTP)',
  }
}
