import type { Command } from 'commander'
import { printable } from '../../base/printable.ts'
import type { HeldLock } from '../../disk/lock.ts'
import { listLocks } from '../../disk/lock-folder.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { emit, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { shownLock } from '../../session/locks/acquire-locks.ts'
import { painter } from '../../terminal/screen.ts'
import type { Context } from '../command.ts'

/** `breakglass locks`: prints the projects that runs of this user on this machine have locked, for which incident, and since when. */
export function define(command: Command, { runtime, exit }: Context): void {
  command.action(async (options: { json?: boolean }) => exit(await locks(options, runtime)))
}

async function locks({ json }: { json?: boolean }, runtime: Runtime): Promise<number> {
  const print = printer(json, runtime)
  const paint = painter(runtime.terminal.colour)
  const found = await listLocks(runtime.locks)
  for (const { file, holder } of found)
    print(holder.liveness === 'alive' ? describe(file, holder) : paint('warn', describe(file, holder)))
  if (found.length === 0) print('No project is locked by your runs on this machine.')
  if (found.some(({ holder }) => holder.liveness === 'dead'))
    print('To take over a dead lock, start the next run in that project with --take-over; the log records it.')
  if (json)
    emit(
      found.map(({ file, holder }) => ({ ...shownLock(holder), file })),
      runtime,
    )
  return EXIT.done
}

function describe(file: string, holder: HeldLock): string {
  if (holder.owner === undefined) return printable(`${file}: not a lock file`)
  const { project, cloud, incident, user, pid, host, since } = holder.owner
  return printable(
    `${holder.liveness.padEnd(9)} ${project} (${cloud}): ${user}, process ${pid} on ${host}, incident ${incident}, since ${since}`,
  )
}
