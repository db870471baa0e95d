/**
 * What is done with the slots of a device. `install`: fill the one that it does not run from, switch to it, confirm.
 * `stage`: only fill it; the device runs on as before. `activate`: only switch to it, without a download; a device whose
 * other slot does not hold the version rejects that.
 */
export type SlotOperation = 'install' | 'stage' | 'activate';
