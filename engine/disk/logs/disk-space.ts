import { existsSync } from 'node:fs'
import { mkdtemp, rmdir, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readiness } from '../../base/readiness.ts'
import { describeTrouble } from '../fs-errors.ts'

/** Below the first a run may not end with a whole log; below the second it is time to make room. In bytes. */
const LEAST = 10 * 2 ** 20
const ENOUGH = 100 * 2 ** 20

/** Whether logs can be written in a folder, or where it would be made, and whether there is room for them. */
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
      message: `the log folder ${folder} can't be written: ${describeTrouble(error)}`,
      hint: 'check the folder and its permissions, or name another with --logs DIR',
    }
  }
}

/** What so many free bytes are worth. */
export function judgeRoom(folder: string, free: number): Readiness {
  const megabytes = `${Math.floor(free / 2 ** 20)} MB`
  if (free >= ENOUGH)
    return { name: 'logs', status: 'ok', message: `the log folder ${folder} can be written, with room` }
  return {
    name: 'logs',
    status: free < LEAST ? 'failed' : 'warning',
    message: `there is little room left for logs in ${folder}: ${megabytes}`,
    hint: 'make room on that disk, or name a folder on another with --logs DIR',
  }
}

function nearest(folder: string): string {
  for (let place = folder; ; place = dirname(place)) if (existsSync(place) || dirname(place) === place) return place
}
