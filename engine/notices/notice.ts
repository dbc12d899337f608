import { printable } from '../base/printable.ts'
import type { Plan } from '../plan/types.ts'
import type { RunEvent } from '../run/model/events.ts'
import type { NoticeKind, Webhook } from '../runbook/inventory.ts'

/** What a notice is about; none of it was read from the cloud. */
export type About = {
  incident?: string
  run?: string
  environment: string
  project: string
  cloud: 'live' | 'sandbox'
  operator: string
}

/** Everything that a webhook receives: these fields and no others. `text` says the same in a sentence. */
export type Notice = About & {
  apiVersion: 'breakglass/v1'
  kind: 'Notice'
  notice: NoticeKind
  text: string
  step?: string
  ending?: string
}

/** Returns the notices for an event. Reasons, values, commands and errors stay in the log: they haven't been checked for secrets. */
export function noticesOf(event: RunEvent, plan: Plan | undefined, about: About): Notice[] {
  switch (event.type) {
    case 'run.opened':
      return [noticeOf('opened', `${about.operator} opened a ${runWord(about)}`, about)]
    case 'step.outcome': {
      if (event.body.verdict !== 'applied') return []
      const step = plan?.steps.find(({ key }) => key === event.body.step)?.title ?? event.body.step
      return [
        {
          ...noticeOf('applied', `changed${event.body.evidence.byHand ? ' by hand' : ''}: ${step}`, about),
          step: event.body.step,
        },
      ]
    }
    case 'policy.overridden':
      return [
        noticeOf(
          'solo-override',
          `SOLO OVERRIDE: ${event.body.by} proceeds without approval; somebody else must countersign it`,
          about,
        ),
      ]
    case 'run.closed': {
      const { ending } = event.body
      const closed = { ...noticeOf('closed', `the ${runWord(about)} ended: ${ending}`, about), ending }
      if (ending !== 'failed' && ending !== 'in-doubt') return [closed]
      return [{ ...noticeOf('failed', `the ${runWord(about)} failed: ${ending}`, about), ending }, closed]
    }
    default:
      return []
  }
}

/** Returns the notice that a plan lacks approvals: "approval by 1 from platform". */
export const needsApproval = (needs: string, about: About): Notice =>
  noticeOf('needs-approval', `a plan needs ${needs}`, about)

function noticeOf(notice: NoticeKind, what: string, about: About): Notice {
  const where = `${about.environment} (${about.project})`
  const incident = about.incident === undefined ? '' : `${about.incident}, `
  const text = printable(`${about.cloud === 'sandbox' ? 'SANDBOX, nothing real: ' : ''}${incident}${where}: ${what}.`)
  return { apiVersion: 'breakglass/v1', kind: 'Notice', notice, ...about, text }
}

const runWord = ({ cloud }: About): string => (cloud === 'sandbox' ? 'rehearsal' : 'run')

/** Returns the body to send: the notice itself, or its sentence for Slack's incoming webhooks, without mentions or links. */
export function bodyOf(notice: Notice, form: Webhook['form']): object {
  switch (form) {
    case 'json':
      return notice
    case 'slack':
      return { text: notice.text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;') }
  }
}
