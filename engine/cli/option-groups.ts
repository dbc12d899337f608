/** The heading of a command's own options. */
export const OPTIONS = 'Options'

/** The heading of the options that choose a cloud and how to reach it. */
export const CLOUD = 'Google Cloud'

/** The heading of the options that choose files and the form of the output. */
export const OUTPUT = 'Workspace and output'

/** The headings of options, in the order in which help shows them. */
export const OPTION_GROUPS = [OPTIONS, CLOUD, OUTPUT]
