/** The records of approvals in a workspace: where they are and how they are called. What they are worth, the gates know. */

export const approvalsFolder = ".twolane/approvals";

const recordName = /^\.twolane\/approvals\/([0-9a-f]{64})-[0-9a-f]{8}\.json(?:\.sig)?$/;

/** Relative to the workspace. */
export const isRecordPath = (name: string): boolean => recordName.test(name);

/** The hash of the change that a record is called after. */
export const changeOfRecord = (name: string): string | undefined => recordName.exec(name)?.[1];
