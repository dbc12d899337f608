import { htmlAnswer, statusWord } from '../model/answer.ts'
import type { ErrorSubject } from '../model/api.ts'
import { githubError } from '../services/github.ts'
import { apiDisabled, faultyStatus, orgPolicyRefused, withRetryAfter } from '../services/google-errors.ts'
import type { FaultableCall } from './inject-fault.ts'

/** Returns the errors that a scenario can ask for, as Google's API words them. */
export const googleErrors = (subject: ErrorSubject): FaultableCall['errors'] => ({
  status: (fault) => faultyStatus(fault, subject),
  apiDisabled: () => apiDisabled(subject),
  orgPolicy: (constraint) => orgPolicyRefused(constraint, subject),
})

/** The same errors in GitHub's form, which knows neither APIs to enable nor organization policies. */
export const githubErrors: FaultableCall['errors'] = {
  status: (fault) => withRetryAfter(githubError(fault.status, fault.message ?? statusWord(fault.status)), fault),
  apiDisabled: () => githubError(403, 'Forbidden'),
  orgPolicy: () => githubError(403, 'Forbidden'),
}

/** The errors of a service's own URL, which answers with pages whatever the fault. */
export const webErrors: FaultableCall['errors'] = {
  status: (fault) =>
    withRetryAfter(htmlAnswer(fault.status, statusWord(fault.status), fault.message ?? 'The service failed.'), fault),
  apiDisabled: () => htmlAnswer(403, 'Forbidden', 'The service failed.'),
  orgPolicy: () => htmlAnswer(403, 'Forbidden', 'The service failed.'),
}
