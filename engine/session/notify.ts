import { type About, noticesOf } from '../notices/notice.ts'
import { makeNotifier, type Notifier } from '../notices/notifier.ts'
import type { Plan } from '../plan/types.ts'
import type { RunHost } from '../run/model/host.ts'
import { painter } from '../terminal/screen.ts'
import type { Runtime } from './host/runtime.ts'
import type { Prepared } from './prepare/prepare.ts'

/** Does work whose webhooks are told of it; a dead one is said at the end and changes nothing. */
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

/** What the notices of a command are about. */
export const aboutOf = ({ cloud, environment }: Prepared, runtime: Runtime): About => ({
  environment: environment.name,
  project: environment.project,
  cloud: cloud.name.kind,
  operator: runtime.operator,
})

/** The same `append`, after which the webhooks are told: what they hear of is in the log. */
export function toldOf(append: RunHost['append'], about: About, notifier: Notifier): RunHost['append'] {
  let plan: Plan | undefined
  return async (event) => {
    await append(event)
    if (event.type === 'plan.made') plan = event.body.plan
    for (const notice of noticesOf(event, plan, about)) notifier.tell(notice)
  }
}
