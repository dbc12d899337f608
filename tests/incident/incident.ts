/** The incident's own names, as the document has them. */
export const services = ['frontend-app', 'support-portal', 'marketing-site', 'jualuma-backend']
export const webShells = services.slice(0, 3)
export const account = 'cr-backend@jualuma-prod.iam.gserviceaccount.com'
export const roles = [
  'roles/aiplatform.user',
  'roles/cloudsql.client',
  'roles/cloudsql.instanceUser',
  'roles/datastore.user',
  'roles/secretmanager.secretAccessor',
]

/** The steps that had drifted in the incident, by key, in the order in which they are set right. */
export const drifted = [
  'secret-parity/secret-equals-references[PLAID_SECRET]',
  ...services.map((service) => `access-posture/public-ingress[${service}]`),
  ...webShells.map((service) => `access-posture/iap-off[${service}]`),
  'runtime-identity/account-exists[cr-backend]',
  ...roles.map((role) => `runtime-identity/role-granted[cr-backend,${role}]`),
  'runtime-identity/runs-as[jualuma-backend]',
]
