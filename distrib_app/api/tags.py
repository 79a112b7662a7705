"""What the description says about the API as a whole and about each group of operations."""

ABOUT = """\
The same verbs as the pages: whatever a page can do, this API can do, within the same permissions and the same
scope. What lies outside the caller's scope does not exist (404).

* **Who**: `Authorization: Bearer <token>`. A token acts as its user, narrowed to its scopes; each operation
  names the permission it needs in `x-permission` (several: any of them).
* **Once**: every POST takes an `Idempotency-Key`; the first answer is replayed for 48 hours.
* **What I saw**: single records carry an `ETag`; `If-None-Match` saves reading, `If-Match` guards changes.
* **Lists**: `limit` and `cursor`; `next_cursor` and `Link: rel="next"` lead on without gaps or repeats.
* **Refusals**: `application/problem+json` with a stable `code` that has a page of its own.
* **Amounts** are decimal strings in the document's currency, days are `YYYY-MM-DD`, instants are UTC.
* **Language**: `Accept-Language: zh` or `en` for every text made for people.
"""

TAGS: dict[str, str] = {
    "channels": "The network: partners, tiers and what each may see, regions, territories.",
    "catalog": "Categories, products, SKUs. The catalogue is the same for everybody.",
    "pricing": "The price book and what a buyer pays over time.",
    "inventory": "Places, balances, movements and layers of stock.",
    "accounts": "Trading accounts: credit, invoices, receipts, statements of account.",
    "orders": "Quote, place, allocate, ship, deliver, cancel and take back.",
    "carriers": "Who carries goods: set up, book, waybills; carriers push signed messages to their address.",
    "tracking": "Where orders are, and what their recipients say.",
    "analytics": "The cockpit and the rows behind its figures.",
    "tasks": "What waits for a decision, and what one is waiting for.",
    "jobs": "Long work: start, follow, cancel; what runs when.",
    "imports": "Sheets to records: template, mapping, dry run, commit.",
    "files": "Attachments and the files that jobs leave behind.",
    "comments": "What people say about a record.",
    "notices": "What happened that concerns the caller.",
    "documents": "Print views of documents as PDF or HTML.",
    "views": "Saved searches of lists.",
    "exports": "Lists as CSV and XLSX files.",
    "customers": "End customers.",
    "users": "People, their roles and their sessions.",
    "tokens": "Bearer tokens of the caller.",
    "admin": "Users, roles, tiers, audit.",
    "me": "The caller: companies, permissions, preferences.",
    "search": "One search over everything in scope.",
}
