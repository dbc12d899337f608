import { type About, noticesOf } from '../notices/notice.ts'
import { makeNotifier, type Notifier } from '../notices/notifier.ts'
import type { Plan } from '../plan/types.ts'
import type { RunHost } from '../run/model/host.ts'
import { painter } from '../terminal/screen.ts'
import type { Runtime } from './host/runtime.ts'
import type { Prepared } from './prepare/prepare.ts'

/** Runs work that notifies webhooks; failed notifications are reported at the end and change nothing else. */
export async function withNotices<T>(
  { cloud, inventory }: Prepared,
  runtime: Runtime,
  work: (notifier: Notifier) => Promise<T>,
): Promise<T> {
  const notifier = makeNotifier(inventory.value.notices, {
    environment: runtime.environment,
    mask: cloud.redactor.mask,
    beyondThisMachine: cloud.name.kind === 'live',
  })
  try {
    return await work(notifier)
  } finally {
    for (const failure of await notifier.settled()) runtime.err(painter(runtime.terminal.colour)('warn', failure))
  }
}

/** Returns what the notices of a command are about. */
export const noticeSubject = ({ cloud, environment }: Prepared, runtime: Runtime): About => ({
  environment: environment.name,
  project: environment.project,
  cloud: cloud.name.kind,
  operator: runtime.operator,
})

/** Returns an `append` that notifies the webhooks once the event is in the log. */
export function notifying(append: RunHost['append'], about: About, notifier: Notifier): RunHost['append'] {
  let plan: Plan | undefined
  return async (event) => {
    await append(event)
    if (event.type === 'plan.made') plan = event.body.plan
    for (const notice of noticesOf(event, plan, about)) notifier.tell(notice)
  }
}
