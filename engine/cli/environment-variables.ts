/** The environment variables that Breakglass reads, and what each does. */
export const ENVIRONMENT = {
  BREAKGLASS_SANDBOX: 'Address of the sandbox to use where no --sandbox is given; set by `breakglass sandbox`',
  BREAKGLASS_SIGN_KEY: "SSH key that signs the log's checkpoints where no --sign-key is given",
  BREAKGLASS_LOCKS: 'Folder of the project locks (default: a folder of yours in /tmp)',
  BREAKGLASS_DEBUG: 'Set to 1 to report each gcloud command and request on stderr',
  'GH_TOKEN, GITHUB_TOKEN': 'Token for the GitHub API, for steps that read workflow runs',
  GITHUB_API_URL: 'Address of the GitHub API (default: https://api.github.com)',
  NO_COLOR: 'Set to any value to print without colour',
}
