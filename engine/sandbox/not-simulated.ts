import { type Answer, errorAnswer, errorInfo, Refusal } from './model/answer.ts'
import { githubError } from './services/github.ts'

/** The header that marks an answer as the sandbox's own rather than a simulated service's; its value is the reason. */
export const sandboxHeader = 'x-breakglass-sandbox'

/** Returns the error, in the API's own form, for a call that the sandbox doesn't simulate. It never claims that a resource doesn't exist. */
export function notSimulated(service: string, what: string, help = ''): Answer {
  const message = `${capital(reasonFor(what))}.${help}`
  const answer =
    service === 'github'
      ? githubError(501, message)
      : errorAnswer(501, message, 'UNIMPLEMENTED', [
          errorInfo('NOT_SIMULATED', 'sandbox.breakglass', { service, method: what }),
        ])
  return bySandbox(answer, reasonFor(what))
}

/** Returns the same for a method that the SDK describes but whose effect nothing says; it names the page on how to add it. */
export const notDescribed = (service: string, what: string): Answer =>
  notSimulated(service, what, ' docs/teach-the-sandbox.md says how to add it.')

/** Returns the reason the sandbox gives for not answering. */
export const reasonFor = (what: string): string => `the sandbox does not simulate ${what}`

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Marks an answer as the sandbox's own, with the reason in its header. */
export const bySandbox = (answer: Answer, reason: string): Answer => ({
  ...answer,
  headers: { ...answer.headers, [sandboxHeader]: reason },
})

/** Ends a call to something that the sandbox doesn't simulate. */
export function refuseUnsimulated(service: string, what: string): never {
  throw new Refusal(notSimulated(service, what))
}
