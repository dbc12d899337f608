import { writeSync } from 'node:fs'
import { acquireLock } from '../../engine/disk/lock.ts'
import { identify } from '../../engine/disk/process-identity.ts'

/** A process of its own that tries once for a lock, says on stdout what it got, and keeps it until it is ended. */
const [path = '', takeOver = '', at = '0'] = process.argv.slice(2)
const owner = {
  ...identify(process.pid)!,
  user: 'somebody',
  incident: `INC-${process.pid}`,
  environment: 'prod',
  project: 'p-prod',
  cloud: 'live',
  since: new Date().toISOString(),
}
while (Date.now() < Number(at));
const lock = await acquireLock(path, owner, takeOver === 'take-over')
writeSync(1, `${JSON.stringify(lock.ok ? { ok: true, from: lock.takenFrom?.pid } : lock)}\n`)
setInterval(() => {}, 1000)
