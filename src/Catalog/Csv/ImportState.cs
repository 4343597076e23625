namespace Quitanda.Catalog.Csv;

/// <summary>How far an import has come.</summary>
internal enum ImportState
{
    /// <summary>Its file is arriving.</summary>
    Receiving,

    /// <summary>Its file is here and waits to be taken over.</summary>
    Waiting,

    /// <summary>All of it is in the shop.</summary>
    Done,

    /// <summary>Nothing of it is in the shop.</summary>
    Refused,
}
