import { isLoopback } from '../base/loopback.ts'
import { own } from '../base/own.ts'
import type { NoticeKind, Webhook } from '../runbook/inventory.ts'
import { bodyOf, type Notice } from './notice.ts'
import { post } from './post.ts'

/** How long the end of a run waits for webhooks that haven't answered yet. */
const LAST_WAIT_MS = 2000

/** Sends notices to webhooks, one after the other, while the run continues. */
export type Notifier = {
  tell(notice: Notice): void
  /** Waits briefly for notices under way, then gives up; returns a sentence for each failure. */
  settled(): Promise<string[]>
}

type Target = { name: string; url: string; form: Webhook['form']; on: NoticeKind[] }

/** What notices need from outside: the variables that contain addresses, and the mask for sensitive values. */
export type NoticeHost = {
  environment: Readonly<Record<string, string | undefined>>
  mask(text: string): string
  /** Whether addresses beyond this machine may be reached: never from a rehearsal. */
  beyondThisMachine: boolean
}

/** Makes the notifier for an inventory's webhooks. An unusable webhook is reported at the end, like one that failed. */
export function makeNotifier(webhooks: Webhook[], host: NoticeHost): Notifier {
  const targets: Target[] = []
  const failures = new Map<string, string>()
  for (const [index, webhook] of webhooks.entries()) {
    const name = nameOf(webhook, index)
    const found = targetOf(webhook, host)
    if (typeof found === 'string') failures.set(name, found)
    else if (host.beyondThisMachine || isLoopback(found)) targets.push({ ...webhook, name, url: found.href })
  }
  const ended = new AbortController()
  const queues = new Map<Target, Promise<void>>()
  const send = async (target: Target, notice: Notice) => {
    const body = host.mask(JSON.stringify(bodyOf(notice, target.form)))
    const failed = ended.signal.aborted ? 'it did not answer in time' : await post(target.url, body, ended.signal)
    if (failed !== undefined) failures.set(target.name, failed)
  }
  return {
    tell(notice) {
      for (const target of targets.filter(({ on }) => on.includes(notice.notice)))
        queues.set(
          target,
          (queues.get(target) ?? Promise.resolve()).then(() => send(target, notice)),
        )
    },
    async settled() {
      const timer = setTimeout(() => ended.abort(), LAST_WAIT_MS)
      await Promise.all(queues.values())
      clearTimeout(timer)
      return [...failures].map(([name, why]) => `${name} did not receive every notice: ${why}.`)
    },
  }
}

/** Returns a webhook's name for messages: never its address. */
const nameOf = ({ address }: Webhook, index: number): string =>
  `webhook ${index + 1}${'urlFrom' in address ? ` (from ${address.urlFrom})` : ''}`

function targetOf({ address }: Webhook, { environment }: NoticeHost): URL | string {
  const text = 'url' in address ? address.url : own(environment, address.urlFrom)
  if (text === undefined || text === '') return 'its variable is not set'
  const url = URL.parse(text)
  const fits = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url))
  return url && fits ? url : 'its address is neither HTTPS nor on this machine'
}
