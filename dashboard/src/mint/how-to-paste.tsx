// Where the HTML goes: what trips up everybody who does it for the first time.

export function HowToPaste() {
  return (
    <details className="more">
      <summary>How to put it into a mail</summary>
      <dl className="how">
        <dt>Gmail</dt>
        <dd>
          Its editor takes no HTML: choose Insert photo → Web Address (URL) and give it the image’s
          address. Gmail itself then fetches the image once or twice while you write.
        </dd>
        <dt>Thunderbird</dt>
        <dd>In a new message: Insert → HTML…, paste the HTML, Insert.</dd>
        <dt>Outlook</dt>
        <dd>
          Save the HTML as a file with the ending .html, then Insert → Attach File → Insert as Text.
        </dd>
        <dt>A mailing service</dt>
        <dd>
          Put the HTML last in the template’s source. With a pixel for each recipient, import the
          CSV’s column as a field of your contacts and place that field there.
        </dd>
      </dl>
      <p className="hint">
        Look at what you sent only where your own looks are ignored, or say “that was me” of them
        later. A look in the Sent folder is a look, too.
      </p>
    </details>
  );
}
