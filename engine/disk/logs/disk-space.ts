import { existsSync } from 'node:fs'
import { mkdtemp, rmdir, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readiness } from '../../base/readiness.ts'
import { describeTrouble } from '../fs-errors.ts'

/** The free bytes below which a run may not end with a complete log, and those below which to make room. */
const LEAST = 10 * 2 ** 20
const ENOUGH = 100 * 2 ** 20

/** Checks whether logs can be written in a folder, or where it would be created, and whether there is room. */
export async function checkLogsFolder(folder: string): Promise<Readiness> {
  const place = nearest(folder)
  try {
    await rmdir(await mkdtemp(join(place, '.breakglass-')))
    const { bavail, bsize } = await statfs(place)
    return judgeRoom(folder, bavail * bsize)
  } catch (error) {
    return {
      name: 'logs',
      status: 'failed',
      message: `cannot write to the log folder ${folder}: ${describeTrouble(error)}`,
      hint: 'check the folder and its permissions, or choose another with --logs DIR',
    }
  }
}

/** Judges a number of free bytes. */
export function judgeRoom(folder: string, free: number): Readiness {
  const megabytes = `${Math.floor(free / 2 ** 20)} MB`
  if (free >= ENOUGH)
    return { name: 'logs', status: 'ok', message: `the log folder ${folder} is writable and has enough space` }
  return {
    name: 'logs',
    status: free < LEAST ? 'failed' : 'warning',
    message: `little disk space left for logs in ${folder}: ${megabytes}`,
    hint: 'free up space on that disk, or choose a folder on another disk with --logs DIR',
  }
}

function nearest(folder: string): string {
  for (let place = folder; ; place = dirname(place)) if (existsSync(place) || dirname(place) === place) return place
}
