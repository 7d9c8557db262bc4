"""The description that programs read of the read-only service: OpenAPI 3.1, written from what it really serves."""

from typing import Any

from apispec import APISpec
from vigie_query import CATALOGUE, FORMATS, LIMIT, MOST, READINGS, SERIES, Published

BASE = "/vigie/api/v1"
JSON_TYPES = {
    "DOUBLE": {"type": ["number", "null"]}, "INTEGER": {"type": ["integer", "null"]}, "BIGINT": {"type": ["integer", "null"]},
    "HUGEINT": {"type": ["integer", "null"]}, "BOOLEAN": {"type": ["boolean", "null"]},
    "TIMESTAMP": {"type": ["string", "null"], "format": "date-time"}, "DATE": {"type": ["string", "null"], "format": "date"},
    "VARCHAR[]": {"type": ["array", "null"], "items": {"type": "string"}},
}  # fmt: skip
PAGE = {
    "limit": ("Nombre de lignes d'une page", {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT}),
    "offset": ("Nombre de lignes à passer", {"type": "integer", "minimum": 0, "default": 0}),
    "version": (
        "Version publiée que l'on a commencé à lire : une autre donne 409, pour que deux pages ne se mélangent pas",
        {"type": "integer"},
    ),
    "format": ("Format de la réponse ; à défaut, l'en-tête Accept", {"type": "string", "enum": list(FORMATS)}),
}
TIME = {
    "as_of": (
        "Ce que l'observatoire savait alors : un jour AAAA-MM-JJ (sa fin, à Casablanca) ou un instant AAAA-MM-JJThh:mm:ssZ",
        {"type": "string"},
    ),
    "from": ("Première période : AAAA, AAAA-MM ou AAAA-MM-JJ", {"type": "string"}),
    "to": ("Dernière période, comprise : AAAA, AAAA-MM ou AAAA-MM-JJ", {"type": "string"}),
}
REFUSALS = {
    400: "La question est mal écrite ; parameter nomme le paramètre", 401: "Il faut s'identifier",
    403: "Ce compte n'a pas ce droit", 409: "La version publiée a changé entre deux pages",
}  # fmt: skip


def document(published: Published) -> dict[str, Any]:
    """The whole description, for the tables of this version."""
    spec = APISpec(
        title="Vigie, données publiées", version="1", openapi_version="3.1.0",
        info={"description": (
            "Les tables publiées de l'observatoire, en lecture seule : les nombres mêmes des tableaux de bord et des exports. "
            "Une valeur absente est null, jamais zéro ; missing_reason dit pourquoi."
        )},
        security=[{"session": []}, {"jeton": []}],
    )  # fmt: skip
    spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": "session"})
    told = "POST /api/v1/security/login rend le jeton (access_token)"
    spec.components.security_scheme("jeton", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": told})
    for name, schema in {**_shared(), **_rows(published)}.items():
        spec.components.schema(name, component=schema)
    tables = list(published.descriptions)
    rows = {"anyOf": [{"$ref": f"#/components/schemas/{table}"} for table in tables]}
    spec.path(f"{BASE}/indicators", operations=_get(
        "indicators", "Le catalogue des indicateurs", _query({"family": ("Famille", {"type": "string"})}, PAGE),
        _page({"$ref": f"#/components/schemas/{CATALOGUE}"}), is_table=True,
    ))  # fmt: skip
    spec.path(f"{BASE}/indicators/{{indicator}}/values", operations=_get(
        "values", "Les valeurs d'un indicateur, telles qu'elles sont ou telles qu'on les savait un jour passé",
        [
            _in_path("indicator", "Code de l'indicateur", [line["indicator"] for line in published.ask(
                f"select indicator from {CATALOGUE} order by 1"
            )]),
            *_query({name: (f"{published.columns[READINGS][name][1]} ; plusieurs valeurs se répètent", MANY) for name in SERIES}),
            *_query(TIME, PAGE),
        ],
        _page({"$ref": f"#/components/schemas/{READINGS}"}, {"indicator": {"$ref": f"#/components/schemas/{CATALOGUE}"}}),
        is_table=True,
    ))  # fmt: skip
    spec.path(f"{BASE}/tables", operations=_get(
        "tables", "Les tables publiées, leurs colonnes, les flux sur lesquels elles reposent", _query(PAGE),
        _page({"$ref": "#/components/schemas/Table"}), is_table=True,
    ))  # fmt: skip
    spec.path(f"{BASE}/tables/{{table}}", operations=_get(
        "table", "Les lignes d'une table, choisies par la valeur de ses colonnes",
        [_in_path("table", "Nom de la table", tables), FILTERS, *_query(TIME, PAGE)], _page(rows), is_table=True,
    ))  # fmt: skip
    spec.path(f"{BASE}/openapi.json", operations=_get("openapi", "Cette description", [], {"type": "object"}, is_table=False))
    return spec.to_dict()


MANY = {"type": "array", "items": {"type": "string"}}
FILTERS = {
    "name": "filters", "in": "query", "style": "form", "explode": True,
    "description": "Une valeur de colonne : colonne=valeur ; plusieurs valeurs se répètent",
    "schema": {"type": "object", "additionalProperties": MANY},
}  # fmt: skip


def _in_path(name: str, description: str, values: list[str]) -> dict[str, Any]:
    schema = {"type": "string", "enum": values}
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def _query(*groups: dict[str, tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "description": description, "schema": schema}
        for group in groups
        for name, (description, schema) in group.items()
    ]


def _get(name: str, summary: str, parameters: list, answer: dict[str, Any], *, is_table: bool) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": answer}}
    if is_table:
        content["text/csv"] = {"schema": {"type": "string"}}
    described = {
        "ETag": {"description": "Empreinte de la version, de la question et des droits du lecteur", "schema": {"type": "string"}},
        "Link": {"description": "La page suivante (rel=\"next\")", "schema": {"type": "string"}},
    }  # fmt: skip
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    refusals = REFUSALS | ({404: "Rien n'a ce nom"} if any(given["in"] == "path" for given in parameters) else {})
    responses: dict[str, Any] = {
        "200": {"description": summary, "headers": described, "content": content},
        "304": {"description": "Rien n'a changé depuis cette empreinte (If-None-Match)"},
        **{str(status): {"description": text, "content": problem} for status, text in sorted(refusals.items())},
    }
    return {"get": {"operationId": name, "summary": summary, "parameters": parameters, "responses": responses}}


def _page(row: dict[str, Any], more: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object", "required": ["publication", "total", "limit", "offset", "next", "data", *(more or {})],
        "properties": {
            "publication": {"$ref": "#/components/schemas/Publication"}, "as_of": {"type": ["string", "null"]},
            "total": {"type": "integer"}, "limit": {"type": "integer"}, "offset": {"type": "integer"},
            "next": {"type": ["string", "null"], "description": "L'adresse de la page suivante"},
            "sources": {"type": "array", "items": {"$ref": "#/components/schemas/Source"}},
            "data": {"type": "array", "items": row}, **(more or {}),
        },
    }  # fmt: skip


def _shared() -> dict[str, dict[str, Any]]:
    text, maybe = {"type": "string"}, {"type": ["string", "null"]}

    def record(**properties: dict[str, Any]) -> dict[str, Any]:
        return {"type": "object", "required": list(properties), "properties": properties, "additionalProperties": False}

    column = record(name=text, type=text, description=text)
    sources = {"type": "array", "items": {"$ref": "#/components/schemas/Source"}}
    return {
        "Problem": {**record(type=text, title=text, status={"type": "integer"}, detail=text, parameter=text),
                    "required": ["type", "title", "status", "detail"]},
        "Publication": record(version={"type": "integer"}, published_at=text, mode=text, as_of=text, axis=text),
        "Source": record(feed=text, title=text, publisher=text, licence=text, address=maybe),
        "Table": record(
            table=text, description=text, rows={"type": ["integer", "null"]}, has_history={"type": "boolean"}, sources=sources,
            columns={"type": "array", "items": column},
        ),
    }  # fmt: skip


def _rows(published: Published) -> dict[str, dict[str, Any]]:
    """One schema a table: the row as it is given."""
    found = {}
    for table, description in published.descriptions.items():
        columns = {
            name: {**JSON_TYPES.get(kind, {"type": ["string", "null"]}), "description": text}
            for name, (kind, text) in published.shape(table).items()
        }
        found[table] = {
            "type": "object", "description": description, "required": list(columns), "properties": columns,
            "additionalProperties": False,
        }  # fmt: skip
    return found
