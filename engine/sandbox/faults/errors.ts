import { htmlAnswer, statusWord } from '../model/answer.ts'
import { githubError } from '../services/github.ts'
import {
  apiDisabled,
  type ErrorSubject,
  faultyStatus,
  orgPolicyRefused,
  withRetryAfter,
} from '../services/google-errors.ts'
import type { FaultableCall } from './inject-fault.ts'

/** Returns an API's wording of the errors that a scenario asks for; GitHub has its own form. */
export const errorsOf = (subject: ErrorSubject): FaultableCall['errors'] => ({
  status: (fault) =>
    subject.service === 'github'
      ? withRetryAfter(githubError(fault.status, fault.message ?? statusWord(fault.status)), fault)
      : faultyStatus(fault, subject),
  apiDisabled: () => apiDisabled(subject),
  orgPolicy: (constraint) => orgPolicyRefused(constraint, subject),
})

/** The errors of a service's own URL, which answers with pages whatever the fault. */
export const webErrors: FaultableCall['errors'] = {
  status: (fault) =>
    withRetryAfter(htmlAnswer(fault.status, statusWord(fault.status), fault.message ?? 'The service failed.'), fault),
  apiDisabled: () => htmlAnswer(403, 'Forbidden', 'The service failed.'),
  orgPolicy: () => htmlAnswer(403, 'Forbidden', 'The service failed.'),
}
