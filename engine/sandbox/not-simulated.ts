import { type Answer, errorAnswer, Refusal } from './model/answer.ts'
import { githubError } from './services/github.ts'

/** The header by which a client sees that the sandbox speaks and not what it simulates; its value is the reason. */
export const sandboxHeader = 'x-breakglass-sandbox'

/** The answer to a call of what the sandbox doesn't have, in the form of the API: that nothing is known, and never that something isn't there. */
export function notSimulated(service: string, what: string): Answer {
  const message = `${capital(reasonFor(what))}.`
  const answer =
    service === 'github'
      ? githubError(501, message)
      : errorAnswer(501, message, 'UNIMPLEMENTED', [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: 'NOT_SIMULATED',
            domain: 'sandbox.breakglass',
            metadata: { service, method: what },
          },
        ])
  return bySandbox(answer, reasonFor(what))
}

/** Why the sandbox answers nothing. */
export const reasonFor = (what: string): string => `the sandbox does not simulate ${what}`

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** An answer with the sandbox's own reason in its header. */
export const bySandbox = (answer: Answer, reason: string): Answer => ({
  ...answer,
  headers: { ...answer.headers, [sandboxHeader]: reason },
})

/** Ends a call that asks for what the sandbox doesn't have. */
export function refuseUnsimulated(service: string, what: string): never {
  throw new Refusal(notSimulated(service, what))
}
