// Another script of the portal, loaded when it is needed; it leaves what it offers on `window`.

export function loadScript(address, message) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(message));
    document.head.appendChild(script);
  });
}
