/** Every command by its oclif id; the explicit list keeps start-up free of directory scans. */
export const commands = {};
