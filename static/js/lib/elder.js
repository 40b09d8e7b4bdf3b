// Elder mode (长辈模式): larger type and darker lines, kept on this device.
const KEY = "elder";

export function wanted(storage = window.localStorage) {
  try {
    return storage.getItem(KEY) === "1";
  } catch (error) {
    return false; // storage may be forbidden: then the choice lasts for this page
  }
}

export function remember(value, storage = window.localStorage) {
  try {
    storage.setItem(KEY, value ? "1" : "0");
  } catch (error) {
    // nothing to do: the page shows it, the device forgets it
  }
}
