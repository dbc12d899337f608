import type { Command } from 'commander'
import { printable } from '../../base/printable.ts'
import type { HeldLock } from '../../disk/lock.ts'
import { listLocks } from '../../disk/lock-folder.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { emit, sayer } from '../../session/host/output.ts'
import type { Outside } from '../../session/host/runtime.ts'
import { shownLock } from '../../session/locks/acquire-locks.ts'
import { painter } from '../../terminal/screen.ts'
import { makeBareCommand } from '../options.ts'

/** `breakglass locks`: the projects that runs of this user on this machine have locked, for which incident, since when. */
export function define(outside: Outside, exit: (code: number) => void): Command {
  return makeBareCommand(
    'locks',
    'list the projects that your own runs on this machine have locked, and since when',
  ).action(async (options: { json?: boolean }) => exit(await locks(options, outside)))
}

async function locks({ json }: { json?: boolean }, outside: Outside): Promise<number> {
  const say = sayer(json, outside)
  const paint = painter(outside.terminal.colour)
  const found = await listLocks(outside.locks)
  for (const { file, held } of found)
    say(held.liveness === 'alive' ? describe(file, held) : paint('warn', describe(file, held)))
  if (found.length === 0) say('None of your runs on this machine has locked a project.')
  if (found.some(({ held }) => held.liveness === 'dead'))
    say('A dead lock is taken over by the next run there with --take-over; the log keeps that.')
  if (json)
    emit(
      found.map(({ file, held }) => ({ ...shownLock(held), file })),
      outside,
    )
  return EXIT.done
}

function describe(file: string, held: HeldLock): string {
  if (held.owner === undefined) return printable(`${file}: can't be understood`)
  const { project, cloud, incident, user, pid, host, since } = held.owner
  return printable(
    `${held.liveness.padEnd(9)} ${project} (${cloud}): ${user}, process ${pid} on ${host}, incident ${incident}, since ${since}`,
  )
}
