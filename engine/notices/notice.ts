import { printable } from '../base/printable.ts'
import type { Plan } from '../plan/types.ts'
import type { RunEvent } from '../run/model/events.ts'
import type { NoticeKind, Webhook } from '../runbook/inventory.ts'

/** What a notice is about; nothing in it was read from the cloud. */
export type About = {
  incident?: string
  run?: string
  environment: string
  project: string
  cloud: 'live' | 'sandbox'
  operator: string
}

/** All that a webhook is told: these fields and no others. `text` is the same as a sentence. */
export type Notice = About & {
  apiVersion: 'breakglass/v1'
  kind: 'Notice'
  notice: NoticeKind
  text: string
  step?: string
  ending?: string
}

/** The notices that an event deserves. Reasons, values, commands and errors stay in the log: nobody has looked at them for secrets. */
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
          `SOLO OVERRIDE: ${event.body.by} goes on without approval; somebody else must countersign it`,
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

/** That a plan needs what is still lacking: "approval by 1 from platform". */
export const needsApproval = (needs: string, about: About): Notice =>
  noticeOf('needs-approval', `a plan needs ${needs}`, about)

function noticeOf(notice: NoticeKind, what: string, about: About): Notice {
  const where = `${about.environment} (${about.project})`
  const incident = about.incident === undefined ? '' : `${about.incident}, `
  const text = printable(`${about.cloud === 'sandbox' ? 'SANDBOX, nothing real: ' : ''}${incident}${where}: ${what}.`)
  return { apiVersion: 'breakglass/v1', kind: 'Notice', notice, ...about, text }
}

const runWord = ({ cloud }: About): string => (cloud === 'sandbox' ? 'rehearsal' : 'run')

/** What is sent: the notice itself, or its sentence as Slack's incoming webhooks take it, in which nothing is a mention or a link. */
export function bodyOf(notice: Notice, form: Webhook['form']): object {
  switch (form) {
    case 'json':
      return notice
    case 'slack':
      return { text: notice.text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;') }
  }
}
